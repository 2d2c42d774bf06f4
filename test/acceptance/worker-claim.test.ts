import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

/** As the fixture sets it. */
const claimMs = 2000;
type Worker = 'worker' | 'other_worker';

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
let redis: Redis;
beforeEach(async () => {
  // One task at a time, so that a worker that stands still is given no other. One ticks each second, the other says nothing.
  tickwork = await startTickwork({
    extraEnv: {
      worker: { CONCURRENCY: '1', DEMO_TICK_MS: '1000' },
      other_worker: { CONCURRENCY: '1', DEMO_TICK_MS: '60000' },
    },
  });
  user = await signIn(tickwork);
  redis = new Redis(tickwork.redis.url);
});
afterEach(async () => {
  redis.disconnect();
  await tickwork.close();
});

interface Line {
  readonly time: string;
  readonly msg: string;
  readonly correlation_id?: string;
  readonly attempt?: number;
  readonly outcome?: string;
}

/** What a worker logged of a task. */
function told(worker: Worker, id: string, msg: string): Line[] {
  const written = tickwork.log(worker).split('\n').filter(Boolean);
  const lines = written.map((line): Line => JSON.parse(line));
  return lines.filter((line) => line.msg === msg && line.correlation_id === id);
}
const untilTold = (worker: Worker, id: string, msg: string) =>
  waitFor(`${worker} to log "${msg}"`, () => told(worker, id, msg)[0]);
const recordOf = (id: string) => redis.hgetall(`task:${id}`);

/** A task that the first worker has, and another worker with nothing to do. */
async function running(): Promise<string> {
  const { correlation_id } = await user.submit('One. Two. Three. Four. Five. Six. Seven. Eight.');
  await untilTold('worker', correlation_id, 'task claimed');
  await tickwork.start('other_worker');
  return correlation_id;
}

describe('a worker that stands still for longer than its claim', () => {
  test('has its task taken over; awake again it writes nothing, and stops its agent', async () => {
    const id = await running();
    await tickwork.pause('worker');
    expect(await untilTold('other_worker', id, 'task claimed')).toMatchObject({ attempt: 2 });
    const { due_at: _beats, ...takenOver } = await waitFor('its start to be in Supabase', async () => {
      const record = await recordOf(id);
      return record['status'] === 'started' && record['updated_at'] === record['synced_at'] ? record : null;
    });

    // Its next tick and its next heartbeat were due long ago, and are the first that it does.
    tickwork.resume('worker');
    expect(await untilTold('worker', id, 'task left')).toMatchObject({ outcome: 'stopped' });
    const metrics = await tickwork.metrics('worker');
    expect(metrics).toMatch(/^tickwork_worker_running 0$/m);
    expect(metrics).toMatch(/^tickwork_worker_tasks_total\{outcome="stopped"\} 1$/m);
    expect(await recordOf(id)).toMatchObject(takenOver);
    expect(await user.read(id)).toMatchObject({ status: 'started', error: null });

    // The one that took over is lost in its turn: the first is free, and carries the task to its end.
    await tickwork.kill('other_worker');
    expect(await user.untilStatus(id, 'completed', 'error')).toMatchObject({ status: 'completed', tick: 8 });
    expect(told('worker', id, 'task claimed').map(({ attempt }) => attempt)).toEqual([1, 3]);
  });
});

describe('a worker that is killed', () => {
  test.each([1, 2, 3])('has its task run again within the claim and two seconds (%i)', async () => {
    const id = await running();
    await waitFor('a heartbeat to extend its claim', async () => {
      const { due_at, updated_at } = await recordOf(id);
      return Number(due_at) - Number(updated_at) > claimMs * 1000;
    });
    const killedAt = Date.now();
    await tickwork.kill('worker');
    const again = await untilTold('other_worker', id, 'task claimed');
    expect(again.attempt).toBe(2);
    expect(Date.parse(again.time) - killedAt).toBeLessThanOrEqual(claimMs + 2000);
  });
});
