import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

// What a frontend does with stock supabase-js and its user's token, beside the gateway.

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
beforeEach(async () => {
  // A claim that no load of the machine lets run out: else the task would be dispatched again, and stop for that.
  const claim = { CLAIM_MS: '6000' };
  const reconciler = { ...claim, QUIET_AGE_MS: '1000', QUIET_INTERVAL_MS: '1000' };
  tickwork = await startTickwork({ extraEnv: { reconciler, worker: { ...claim, CONCURRENCY: '1' } } });
  user = await signIn(tickwork);
});
afterEach(() => tickwork.close());

const tasks = () => user.supabase.from('tasks');

/**
 * A task whose agent says nothing for a minute, and whose record has nothing to sync: so no report of its own tells the worker
 * what became of it.
 */
async function runningSilently(): Promise<TaskJson> {
  const task = await user.submit('wait 60s: One.');
  await user.untilStatus(task.correlation_id, 'started');
  const redis = new Redis(tickwork.redis.url);
  await waitFor('its record to be confirmed', async () => {
    const [updated, synced] = await redis.hmget(`task:${task.correlation_id}`, 'updated_at', 'synced_at');
    return updated === synced;
  });
  redis.disconnect();
  await passesUnderWayToEnd();
  return task;
}

/** Each may have read the record while it was still ahead. */
async function passesUnderWayToEnd(): Promise<void> {
  const ended = async () => {
    const metrics = await tickwork.metrics('reconciler');
    return ['hints', 'scan', 'quiet'].map((pass) =>
      Number(new RegExp(`pass_seconds_count\\{pass="${pass}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0),
    );
  };
  const before = await ended();
  await waitFor('each pass to end', async () =>
    (await ended()).every((count, index) => count > (before[index] ?? 0)),
  );
}

/** The record was settled, and the only slot of the worker is free again: its task was stopped, not ended. */
async function expectStopped(reason: 'row_final' | 'row_missing'): Promise<void> {
  await waitFor('the worker to run nothing', async () =>
    /^tickwork_worker_running 0$/m.test(await tickwork.metrics('worker')),
  );
  const settled = `actions_total{pass="quiet",kind="settle",reason="${reason}",outcome="done"} 1`;
  expect(await tickwork.metrics('reconciler')).toContain(settled);
  expect(await tickwork.metrics('worker')).toContain('tickwork_worker_tasks_total{outcome="stopped"} 1');
  const next = await user.submit('Two.');
  expect((await user.untilStatus(next.correlation_id, 'completed', 'error')).status).toBe('completed');
}

describe('a running task', () => {
  test('that is deleted stops at its worker, and stays away', async () => {
    const { id, correlation_id } = await runningSilently();
    const { data } = await tasks().delete().eq('id', id).select();
    expect(data).toMatchObject([{ correlation_id }]);
    await expectStopped('row_missing');
    expect((await user.call(`/tasks/${correlation_id}`)).status).toBe(404);
    expect((await tasks().select().eq('id', id)).data).toEqual([]);
  });

  test('that is cancelled stops at its worker, and stays cancelled', async () => {
    const { id, correlation_id } = await runningSilently();
    const { data } = await tasks().update({ status: 'cancelled' }).eq('id', id).select();
    expect(data).toMatchObject([{ correlation_id, status: 'cancelled' }]);
    await expectStopped('row_final');
    expect(await user.read(correlation_id)).toMatchObject({ status: 'cancelled', tick: null, result: null });
  });

  test('that nobody touched goes on, however long it says nothing', async () => {
    const { correlation_id } = await user.submit('wait 8s: One.');
    expect(await user.untilStatus(correlation_id, 'completed', 'error', 'cancelled')).toMatchObject({
      status: 'completed',
      tick: 1,
    });
    const metrics = await tickwork.metrics('reconciler');
    expect(metrics).toMatch(
      /actions_total\{pass="quiet",kind="none",reason="in_order",outcome="done"\} [1-9]/,
    );
    expect(await tickwork.metrics('worker')).toContain('tickwork_worker_tasks_total{outcome="completed"} 1');
  });
});

test('a row that was inserted is dispatched and completes; it can be selected, listed and deleted by its owner alone', async () => {
  const { data } = await user.supabase.auth.getUser(user.token);
  const row = { correlation_id: randomUUID(), user_id: data.user?.id, mandate: 'One. Two.' };
  const inserted = await tasks().insert(row).select().single();
  expect(inserted.data).toMatchObject({ ...row, status: 'pending', max_ticks: 50, tick: null });
  const completed = await waitFor('the row to be completed', async () => {
    const { data: own } = await tasks().select().eq('correlation_id', row.correlation_id).single();
    return own?.status === 'completed' && own;
  });
  expect(completed).toMatchObject({ tick: 2, error: null, result: { success: true } });

  const { correlation_id } = await user.submit('Three.');
  const listed = await tasks().select('correlation_id').order('created_at', { ascending: false });
  expect(listed.data).toEqual([{ correlation_id }, { correlation_id: row.correlation_id }]);

  const other = await signIn(tickwork);
  const theirs = await other.supabase.from('tasks').delete().eq('id', completed.id).select();
  expect(theirs).toMatchObject({ data: [], error: null });
  expect((await other.supabase.from('tasks').select()).data).toEqual([]);

  expect((await tasks().delete().eq('id', completed.id).select()).data).toHaveLength(1);
  expect((await tasks().select('correlation_id')).data).toEqual([{ correlation_id }]);
});
