import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { signIn, startTickwork } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

/** As the fixture sets it. */
const claimMs = 2000;

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let user: Awaited<ReturnType<typeof signIn>>;
let redis: Redis;
beforeEach(async () => {
  tickwork = await startTickwork({
    extraEnv: { worker: { DEMO_TICK_MS: '3000' }, other_worker: { DEMO_TICK_MS: '50' } },
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
  readonly resumed?: boolean;
}

/** The line of the other worker's claim. */
function claimOf(id: string): Promise<Line> {
  return waitFor('the other worker to claim it', () => {
    const lines = tickwork.log('other_worker').split('\n').filter(Boolean);
    return lines
      .map((line): Line => JSON.parse(line))
      .find(({ msg, correlation_id }) => msg === 'task claimed' && correlation_id === id);
  });
}

/** A task of which the first worker has a long way to go from its checkpoint, and another worker with nothing to do. */
async function halfDone(): Promise<string> {
  const { correlation_id: id } = await user.submit('One. Two. Three. Four. Five. Six. Seven. Eight.');
  await tickwork.start('other_worker');
  await waitFor(
    'two checkpoints',
    async () => Number(await redis.hget(`task:${id}`, 'checkpoint_tick')) >= 2,
  );
  return id;
}

/** Every tick was spent once: the other worker has spent those alone that the checkpoint left over. */
async function expectGoesOn(id: string, checkpointTick: number): Promise<void> {
  expect(await user.untilStatus(id, 'completed', 'error')).toMatchObject({ status: 'completed', tick: 8 });
  const metrics = await tickwork.metrics('other_worker');
  expect(metrics).toMatch(new RegExp(`^tickwork_worker_ticks_total ${8 - checkpointTick}$`, 'm'));
  expect(await redis.hexists(`task:${id}`, 'checkpoint')).toBe(0);
}

test('a task whose worker is killed goes on from its checkpoint on another, within the claim and two seconds', async () => {
  const id = await halfDone();
  const killedAt = Date.now();
  await tickwork.kill('worker');
  const left = Number(await redis.hget(`task:${id}`, 'checkpoint_tick'));
  const claim = await claimOf(id);
  expect(claim.resumed).toBe(true);
  expect(Date.parse(claim.time) - killedAt).toBeLessThanOrEqual(claimMs + 2000);
  await expectGoesOn(id, left);
});

test('a task whose worker is told to end goes on from its checkpoint at once, with no attempt spent', async () => {
  const id = await halfDone();
  const toldAt = Date.now();
  const ended = tickwork.kill('worker', 'SIGTERM');
  const claim = await claimOf(id);
  expect(claim).toMatchObject({ resumed: true, attempt: 1 });
  expect(Date.parse(claim.time) - toldAt).toBeLessThanOrEqual(2000);
  await ended;
  expect(await user.untilStatus(id, 'completed', 'error')).toMatchObject({ status: 'completed', tick: 8 });
});
