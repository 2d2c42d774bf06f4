import { createClock } from '@tickwork/runtime/process/clock';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Agent, AgentContext } from '../../services/worker/src/agents/agent.ts';
import { createWorkerEvents } from '../../services/worker/src/events.ts';
import { createRunTask } from '../../services/worker/src/run-task.ts';
import { createRunning } from '../../services/worker/src/running.ts';
import { newTask, seedOf } from '../conformance/records-tasks.ts';
import { connectToOwnRedis } from './redis-records.ts';

let own: Awaited<ReturnType<typeof connectToOwnRedis>>;
beforeAll(async () => {
  own = await connectToOwnRedis();
});
afterAll(() => own.close());

const clock = createClock();
const result = { success: true, deliverables: [], notes: 'done' };

/** A worker of its own on the real Redis, for one task. */
async function createWorker(task: ReturnType<typeof newTask>, run: Agent['run']) {
  const shutdown = new AbortController();
  const events = createWorkerEvents();
  const outcomes: string[] = [];
  events.on('task_left', ({ outcome }) => outcomes.push(outcome));
  const runTask = createRunTask({
    reports: new RedisTaskStorage(own.redis),
    agent: { run },
    events,
    logger: pino({ level: 'silent' }),
    clock,
    running: createRunning(),
    queue: 'tasks',
    claimMs: 15_000,
    stopPatienceMs: 5000,
    taskTimeoutMs: 60_000,
    tickTimeoutMs: 60_000,
    resultLimitBytes: 10_000,
    shutdown: shutdown.signal,
    end: new AbortController().signal,
  });
  const envelope = { ...task, mandate: 'Count.', maxTicks: 100_000 };
  return { run: () => runTask(envelope, null), shutDown: () => shutdown.abort(), outcomes };
}

async function seeded() {
  const task = newTask();
  await new RedisTaskStorage(own.redis).seed(seedOf(task));
  return task;
}

const record = ({ correlationId }: { correlationId: string }) => own.redis.hgetall(`task:${correlationId}`);

/** How many scripts the server has run. */
async function scripts(): Promise<number> {
  const stats = await own.redis.info('commandstats');
  const calls = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].map(([, count]) => Number(count));
  return calls.reduce((sum, count) => sum + count, 0);
}

test('an agent that ticks 1,000 times a second costs Redis ten writes a second, and its last tick is there', async () => {
  const task = await seeded();
  const before = await scripts();
  const from = performance.now();
  let ticks = 0;
  const worker = await createWorker(task, async (_task, { tick }) => {
    while (performance.now() - from < 2000) {
      const due = performance.now() - from;
      for (; ticks < due; ticks++) await tick(`${ticks + 1}`);
      await clock.sleep(1);
    }
    return result;
  });
  await worker.run();
  const writes = (await scripts()) - before;
  expect(ticks).toBeGreaterThan(1900);
  expect(writes).toBeGreaterThan(3);
  // Claim, end, and the last tick before the end come to ten a second.
  expect(writes).toBeLessThanOrEqual(Math.ceil((performance.now() - from) / 100) + 3);
  expect(await record(task)).toMatchObject({ status: 'completed', tick: String(ticks) });
});

describe('a task whose worker', () => {
  const resumes: AgentContext['resume'][] = [];
  async function goesOn(task: Awaited<ReturnType<typeof seeded>>) {
    const next = await createWorker(task, async (_task, { resume, tick }) => {
      resumes.push(resume);
      await tick();
      return result;
    });
    await next.run();
    expect(next.outcomes).toEqual(['completed']);
    const fields = await record(task);
    expect(fields).toMatchObject({ status: 'completed', tick: '3' });
    expect(Object.keys(fields).filter((name) => name.startsWith('checkpoint'))).toEqual([]);
  }

  test('shuts down goes on at once where it was stopped, no attempt spent', async () => {
    const task = await seeded();
    const worker = await createWorker(task, async (_task, { tick, checkpoint, signal }) => {
      await tick();
      worker.shutDown();
      await tick();
      await checkpoint({ page: 2 });
      throw signal.reason;
    });
    await worker.run();
    expect(worker.outcomes).toEqual(['handed_back']);
    expect(await record(task)).toMatchObject({ claim: '', attempts: '0', tick: '2', checkpoint_tick: '2' });
    await goesOn(task);
    expect(resumes.at(-1)).toEqual({ state: { page: 2 }, tick: 2 });
  });

  test('had an agent that failed goes on from its checkpoint, after a wait', async () => {
    const task = await seeded();
    const worker = await createWorker(task, async (_task, { tick, checkpoint }) => {
      await tick();
      await tick();
      await checkpoint('two');
      throw new Error('no');
    });
    await worker.run();
    const fields = await record(task);
    expect(fields).toMatchObject({ claim: '', attempts: '1', checkpoint: '"two"' });
    const [seconds, microseconds] = await own.redis.time();
    const waitMs = (Number(fields['due_at']) - Number(seconds) * 1e6 - Number(microseconds)) / 1000;
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(1000);
    await goesOn(task);
    expect(resumes.at(-1)).toEqual({ state: 'two', tick: 2 });
  });
});
