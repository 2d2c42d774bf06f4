import { afterAll, beforeAll, expect, test } from 'vitest';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
beforeAll(async () => {
  tickwork = await startTickwork();
  user = await signIn(tickwork);
});
afterAll(() => tickwork.close());

test('a task goes from submit to result', async () => {
  const task = await user.submit('One. Two. Three.');
  expect(task).toMatchObject({ status: 'pending', mandate: 'One. Two. Three.', max_ticks: 50, tick: null });
  const ended = await user.untilStatus(task.correlation_id, 'completed', 'error');
  expect(ended).toMatchObject({ status: 'completed', tick: 3, error: null });
  expect(ended.result?.deliverables).toEqual(['1. One.', '2. Two.', '3. Three.']);
});

test('the row in Supabase itself is brought up to date, without any read through the gateway', async () => {
  const { correlation_id } = await user.submit('One. Two.');
  const row = await waitFor('the row to be completed', async () => {
    const { data } = await user.supabase.from('tasks').select().eq('correlation_id', correlation_id);
    return data?.find(({ status }) => status === 'completed');
  });
  expect(row).toMatchObject({ tick: 2, error: null, result: { success: true } });
});

test('a mandate that begins with fail: ends in error, with the reason', async () => {
  const { correlation_id } = await user.submit('fail: no paper');
  const ended = await user.untilStatus(correlation_id, 'error');
  expect(ended).toMatchObject({ error: 'no paper', result: null });
});

test("the row's own id is accepted too", async () => {
  const task = await user.submit('One.');
  expect((await user.read(task.id)).correlation_id).toBe(task.correlation_id);
});

test('the list is newest first, and only of its user', async () => {
  const one = await user.submit('First.');
  const two = await user.submit('Second.');
  const other = await signIn(tickwork);
  const list = (await (await user.call('/tasks?limit=2')).json()) as { tasks: { id: string }[] };
  expect(list.tasks.map(({ id }) => id)).toEqual([two.id, one.id]);
  expect(await (await other.call('/tasks')).json()).toEqual({ tasks: [], next_cursor: null });
});

test("another's task is answered exactly like an unknown one", async () => {
  const task = await user.submit('Mine.');
  const other = await signIn(tickwork);
  const answerTo = async (path: string) => {
    const response = await other.call(path);
    const { trace_id, ...problem } = (await response.json()) as { trace_id: string };
    expect(trace_id).toMatch(/^[0-9a-f]{32}$/);
    return { status: response.status, headers: [...response.headers.keys()], problem };
  };
  const theirs = await answerTo(`/tasks/${task.correlation_id}`);
  expect(theirs.status).toBe(404);
  expect(theirs).toEqual(await answerTo('/tasks/01939a3c-0000-7000-8000-000000000000'));
});

test('the health says of each dependency whether it is up, and how fast', async () => {
  const up = { up: true, latency_ms: expect.any(Number) };
  const health = await (await fetch(`${tickwork.url}/health`)).json();
  const number = expect.any(Number);
  const backlog = { ready: number, unfinished: number, dead_letters: number };
  expect(health).toEqual({ healthy: true, status: 'ok', supabase: up, redis: up, rabbitmq: up, backlog });
});

test.each([
  [{ mandate: '' }, 'mandate'],
  [{ mandate: '   ' }, 'mandate'],
  [{ mandate: 'a\u0000b' }, 'mandate'],
  [{ mandate: '😀'.repeat(8001) }, 'mandate'],
  [{ mandate: 7 }, 'mandate'],
  [{}, 'mandate'],
  [{ mandate: 'x', surprise: 1 }, 'surprise'],
  [{ mandate: 'x', max_ticks: 0 }, 'max_ticks'],
  [{ mandate: 'x', max_ticks: 201 }, 'max_ticks'],
  [{ mandate: 'x', max_ticks: '5' }, 'max_ticks'],
  [{ mandate: '', max_ticks: 0, surprise: 1 }, 'mandate', 'max_ticks', 'surprise'],
])('%j is refused, and each field is named', async (body, ...fields) => {
  const response = await user.post(body);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    422,
    'application/problem+json; charset=utf-8',
  ]);
  const problem = (await response.json()) as { errors: { field: string }[] };
  expect(problem.errors.map(({ field }) => field)).toEqual(fields);
});

test('8,000 characters are taken as they are, counted as code points', async () => {
  const mandate = '😀'.repeat(8000);
  expect((await user.submit(mandate)).mandate).toBe(mandate);
});

test('malformed, oversized and wrongly typed bodies', async () => {
  const send = async (body: string, type = 'application/json') =>
    (await user.call('/tasks', { method: 'POST', body, headers: { 'content-type': type } })).status;
  expect(await send('{')).toBe(400);
  expect(await send('{}', 'text/csv')).toBe(415);
  expect(await send(JSON.stringify({ mandate: 'x'.repeat(1_100_000) }))).toBe(413);
});

test.each([undefined, 'Bearer nonsense', 'Basic YTpi'])('authorization %s is 401', async (authorization) => {
  const response = await fetch(`${tickwork.url}/tasks`, { headers: authorization ? { authorization } : {} });
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringContaining('Bearer'),
  ]);
});
