import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
let redis: Redis;
beforeAll(async () => {
  // The claim as it is by default: its heartbeat, each 5 s, is too slow to be what stops a task here.
  const claim = { CLAIM_MS: '15000' };
  tickwork = await startTickwork({ extraEnv: { reconciler: claim, worker: claim } });
  user = await signIn(tickwork);
  redis = new Redis(tickwork.redis.url);
});
afterAll(async () => {
  redis.disconnect();
  await tickwork.close();
});

const post = (path: string, headers: Record<string, string> = {}) =>
  user.call(path, { method: 'POST', headers });
const remove = (id: string) => user.call(`/tasks/${id}`, { method: 'DELETE' });

/** A task whose agent says nothing for a minute. */
async function running(): Promise<TaskJson> {
  const task = await user.submit('wait 60s: One.');
  return user.untilStatus(task.correlation_id, 'started');
}
const untilFree = (within: number) =>
  waitFor(
    'the worker to run nothing',
    async () => /^tickwork_worker_running 0$/m.test(await tickwork.metrics('worker')),
    { timeoutMs: within },
  );

describe('a cancel', () => {
  test('of a running task is final in Supabase, and its worker stops within 2 s; twice is 200', async () => {
    const { correlation_id, id } = await running();
    const response = await post(`/tasks/${correlation_id}/cancel`);
    const cancelled = (await response.json()) as TaskJson;
    expect([response.status, cancelled]).toMatchObject([200, { id, status: 'cancelled' }]);
    await untilFree(2000);
    expect(await user.read(correlation_id)).toEqual(cancelled);
    const again = await post(`/tasks/${id}/cancel`);
    expect([again.status, await again.json()]).toEqual([200, cancelled]);
  });

  test('of a task that has ended is refused, and shows it', async () => {
    const { correlation_id } = await user.submit('fail: no paper');
    const ended = await user.untilStatus(correlation_id, 'error');
    const response = await post(`/tasks/${correlation_id}/cancel`);
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { code: 'task_ended', task: ended },
    ]);
    expect(await user.read(correlation_id)).toEqual(ended);
  });

  test('after an end that Supabase has not heard of yet is refused: that end came first', async () => {
    await tickwork.kill('reconciler');
    const { correlation_id } = await user.submit('One.');
    await waitFor(
      'Redis to know the end',
      async () => (await redis.hget(`task:${correlation_id}`, 'status')) === 'completed',
    );
    const response = await post(`/tasks/${correlation_id}/cancel`);
    expect([response.status, await response.json()]).toMatchObject([
      409,
      { code: 'task_ended', task: { status: 'completed', result: { success: true } } },
    ]);
    await tickwork.start('reconciler');
  });
});

describe('a delete', () => {
  test('of a running task: its worker stops within 2 s, and nothing comes back', async () => {
    const { correlation_id, id } = await running();
    const response = await remove(correlation_id);
    expect([response.status, await response.json()]).toMatchObject([200, { id, status: 'started' }]);
    await untilFree(2000);
    // Its record is kept as ended for a while, so that whatever comes late meets it.
    expect(await redis.hmget(`task:${correlation_id}`, 'id', 'status')).toEqual([id, 'cancelled']);
    const answers = await Promise.all([
      user.call(`/tasks/${correlation_id}`),
      remove(correlation_id),
      post(`/tasks/${correlation_id}/cancel`),
      post(`/tasks/${correlation_id}/retry`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await user.supabase.from('tasks').select().eq('id', id)).data).toEqual([]);
  });
});

describe('a retry', () => {
  test('is a new task with the same mandate and budget, which runs; the old one stays', async () => {
    const response = await user.post({ mandate: 'fail: no ink', max_ticks: 9 });
    const { correlation_id } = (await response.json()) as TaskJson;
    const ended = await user.untilStatus(correlation_id, 'error');
    const key = { 'idempotency-key': `retry-${correlation_id}` };
    const retried = await post(`/tasks/${correlation_id}/retry`, key);
    const task = (await retried.json()) as TaskJson;
    expect([retried.status, task]).toMatchObject([
      202,
      { mandate: 'fail: no ink', max_ticks: 9, tick: null },
    ]);
    expect(task.correlation_id).not.toBe(correlation_id);
    expect(retried.headers.get('location')).toBe(`/tasks/${task.correlation_id}`);
    await user.untilStatus(task.correlation_id, 'error');
    expect(await user.read(correlation_id)).toEqual(ended);
    const again = await post(`/tasks/${correlation_id}/retry`, key);
    expect([again.status, await again.json()]).toMatchObject([200, { id: task.id }]);
  });

  test('of a task that runs is refused', async () => {
    const { correlation_id } = await running();
    const response = await post(`/tasks/${correlation_id}/retry`);
    expect([response.status, await response.json()]).toMatchObject([409, { code: 'task_not_ended' }]);
    await remove(correlation_id);
    await untilFree(2000);
  });
});

test("another's task is answered exactly like an unknown one, whatever is asked, and stays as it is", async () => {
  const task = await user.submit('wait 60s: Mine.');
  const other = await signIn(tickwork);
  const unknown = '01939a3c-0000-7000-8000-000000000000';
  for (const [method, action] of [
    ['POST', '/cancel'],
    ['POST', '/retry'],
    ['DELETE', ''],
  ]) {
    const answerTo = async (id: string) => {
      const response = await other.call(`/tasks/${id}${action}`, { method: method ?? '' });
      const { trace_id: _trace, ...problem } = (await response.json()) as { trace_id: string };
      return { status: response.status, headers: [...response.headers.keys()], problem };
    };
    const theirs = await answerTo(task.correlation_id);
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(await answerTo(unknown));
  }
  expect((await user.read(task.correlation_id)).status).not.toBe('cancelled');
  await remove(task.correlation_id);
});
