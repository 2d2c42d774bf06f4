import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Submission } from '../../tasks/submit-task.ts';
import { correlationIdOf } from '../../tasks/task-name.ts';
import { row } from '../../tasks/tasks.harness.ts';
import { problemOf, startApp, userNamed } from '../app.harness.ts';

const id = '01939a3c-0000-7000-8000-00000000000a';
const key = 'a-key-of-16-chars';
let submitted: Submission[];
let isNew = true;
let api: Awaited<ReturnType<typeof startApp>>;
beforeAll(async () => {
  api = await startApp({
    submitTask: async (_tasks, submission) => {
      submitted.push(submission);
      return { task: row({ correlationId: id }), isNew };
    },
  });
});
beforeEach(() => {
  submitted = [];
  isNew = true;
});
afterAll(() => api.close());

const submit = (fields: object, headers: Record<string, string> = {}) =>
  api.post(JSON.stringify({ mandate: 'One.', ...fields }), headers);

test('a new task is 202, one that is there is 200; both say where it is, and what it is', async () => {
  for (const [given, status] of [
    [true, 202],
    [false, 200],
  ] as const) {
    isNew = given;
    const response = await submit({});
    expect([response.status, response.headers.get('location')]).toEqual([status, `/tasks/${id}`]);
    expect(await response.json()).toMatchObject({ correlation_id: id, status: 'pending' });
  }
});

test.each([
  ['nothing', {}, {}, undefined],
  ['a correlation_id', { correlation_id: id }, {}, { kind: 'correlation_id', value: id }],
  ['a key', {}, { 'idempotency-key': key }, { kind: 'idempotency_key', value: key }],
])('%s is its name', async (_name, fields, headers, name) => {
  expect((await submit(fields, headers as Record<string, string>)).status).toBe(202);
  expect(submitted).toEqual([{ userId: 'user', mandate: 'One.', maxTicks: 50, name }]);
});

test.each([
  ['a key that is short', {}, { 'idempotency-key': 'x'.repeat(15) }, 'idempotency-key must have 16 to 255'],
  ['a key that is long', {}, { 'idempotency-key': 'x'.repeat(256) }, 'idempotency-key must have 16 to 255'],
  ['a key with é', {}, { 'idempotency-key': 'é'.repeat(16) }, 'idempotency-key must have 16 to 255'],
  ['no UUID', { correlation_id: 'x' }, {}, 'correlation_id must be a UUID'],
  ['a number', { correlation_id: 7 }, {}, 'correlation_id must be a UUID'],
])('%s is refused', async (_name, fields, headers, rule) => {
  const response = await submit(fields, headers as Record<string, string>);
  const { errors = [] } = await problemOf(response);
  expect([response.status, errors.map((error) => `${error.field} ${error.rule}`)]).toEqual([
    422,
    [expect.stringContaining(rule)],
  ]);
  expect(submitted).toEqual([]);
});

test('a key and a correlation_id may only name the same task', async () => {
  const userId = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  const made = correlationIdOf({ kind: 'idempotency_key', value: key }, userId);
  const names: unknown[] = [];
  const given = await startApp({
    authenticate: async () => userNamed(userId),
    submitTask: async (_tasks, { name }) => ({
      task: row({ correlationId: String(names.push(name)) }),
      isNew,
    }),
  });
  const both = async (correlation_id: string) => {
    const body = JSON.stringify({ mandate: 'One.', correlation_id });
    return (await given.post(body, { 'idempotency-key': key })).status;
  };
  expect([await both(id), await both(made.toUpperCase())]).toEqual([409, 202]);
  expect(names).toEqual([{ kind: 'idempotency_key', value: key }]);
  await given.close();
});

test('two keys are refused, as nobody could say which one counts', async () => {
  const body = '{"mandate":"One."}';
  const head = [
    'POST /tasks HTTP/1.1',
    'Host: x',
    'Authorization: Bearer good',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `Idempotency-Key: ${key}`,
    `Idempotency-Key: ${key}`,
    'Connection: close',
  ];
  const answer = await api.sendBytes(`${head.join('\r\n')}\r\n\r\n${body}`);
  expect(answer).toMatch(/^HTTP\/1.1 422 [\s\S]*must be given once/);
});
