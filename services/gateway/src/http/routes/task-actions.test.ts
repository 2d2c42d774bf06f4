import { afterEach, expect, test } from 'vitest';
import { TaskError } from '../../tasks/errors.ts';
import { row } from '../../tasks/tasks.harness.ts';
import { startApp } from '../app.harness.ts';
import type { AppDependencies } from '../dependencies.ts';

const id = '01939a3c-0000-7000-8000-00000000000a';
const ended = row({ id, status: 'completed', result: { notes: 'done' } });
let api: Awaited<ReturnType<typeof startApp>>;
afterEach(() => api.close());
const start = async (given: Partial<AppDependencies>) => {
  api = await startApp(given);
};

test('a cancel answers with the task', async () => {
  await start({
    cancelTask: async (_tasks, userId, given) => row({ id: given, userId, status: 'cancelled' }),
  });
  const response = await api.call(`/tasks/${id.toUpperCase()}/cancel`, { method: 'POST' });
  expect([response.status, await response.json()]).toMatchObject([200, { id, status: 'cancelled' }]);
});

test.each([
  [
    'cancel',
    { cancelTask: () => Promise.reject(new TaskError('task_ended', { task: ended })) },
    'task_ended',
  ],
  [
    'retry',
    { retryTask: () => Promise.reject(new TaskError('task_not_ended', { task: ended })) },
    'task_not_ended',
  ],
])(
  'a %s that the task’s status refuses is 409, with the task and nothing else of it',
  async (action, given, code) => {
    await start(given);
    const response = await api.call(`/tasks/${id}/${action}`, { method: 'POST' });
    const { task, ...problem } = (await response.json()) as { task: object };
    expect([response.status, problem]).toMatchObject([409, { code, status: 409 }]);
    expect(task).toMatchObject({ id, status: 'completed', result: { notes: 'done' } });
    expect(task).not.toHaveProperty('user_id');
  },
);

test('a delete answers with the task as it was', async () => {
  await start({ deleteTask: async (_tasks, given) => row({ ...ended, id: given }) });
  const response = await api.call(`/tasks/${id}`, { method: 'DELETE' });
  expect([response.status, await response.json()]).toMatchObject([200, { id, status: 'completed' }]);
});

test('a retry is answered as a submit is, and has a key too', async () => {
  await start({
    retryTask: async (_tasks, _user, _id, name) => ({
      task: row({ correlationId: name?.value ?? 'new' }),
      isNew: !name,
    }),
  });
  const retry = async (headers: Record<string, string>) => {
    const response = await api.call(`/tasks/${id}/retry`, { method: 'POST', headers });
    return [response.status, response.headers.get('location')];
  };
  const key = 'a-key-of-16-chars';
  expect(await retry({})).toEqual([202, '/tasks/new']);
  expect(await retry({ 'idempotency-key': key })).toEqual([200, `/tasks/${key}`]);
  expect(await retry({ 'idempotency-key': 'short' })).toEqual([422, null]);
});

test.each([
  ['POST', '/cancel'],
  ['POST', '/retry'],
  ['DELETE', ''],
])('%s %s: what can’t be an id is nobody’s, and without a token nothing is', async (method, action) => {
  await start({});
  expect((await api.call(`/tasks/x${action}`, { method })).status).toBe(404);
  const headers = { authorization: '' };
  expect((await api.call(`/tasks/${id}${action}`, { method, headers })).status).toBe(401);
});
