import type { TaskRecords } from '@tickwork/task/ports';
import type { TaskRecord } from '@tickwork/task/task';
import { expect, test } from 'vitest';
import { createHost, createWorld, type World } from '../kubernetes/simulated-hosts.harness.ts';
import { isContentFault, verdictOf } from '../supabase/errors.ts';
import { TaskError } from '../tasks/errors.ts';
import { createApply } from './apply.ts';
import { createCircuit, protectTasks, supabaseCircuitLimits } from './circuit.ts';
import { clean } from './decide.harness.ts';
import { protocolLimits } from './decide.ts';
import { createReconcilerEvents } from './events.ts';
import { Wake } from './loop.ts';
import { createPasses } from './passes.ts';
import { createReconcile } from './reconcile.ts';
import { runPasses } from './run-passes.ts';

const second = 1000;
/** When Supabase is away, in milliseconds of the test's time. */
const outage = { from: 10 * second, to: 130 * second };
const isAway = (at: number) => at >= outage.from && at < outage.to;

/** Records that are ahead until they are confirmed: what the hints name of them, oldest first. */
function createAhead() {
  const ahead = new Map<string, TaskRecord>();
  const never = async () => {
    throw new Error('this test has no use for it');
  };
  const records: TaskRecords = {
    hinted: async (limit) =>
      [...ahead.keys()].slice(0, limit).map((correlationId) => ({ correlationId, finding: 'ahead' })),
    scanStep: async () => ({ cursor: '0', keys: 0, found: await records.hinted(1000), begunAnew: false }),
    read: async (ids) => ids.map((id) => ahead.get(id) ?? null),
    confirm: async ({ correlationId }) => void ahead.delete(correlationId),
    ...{ seed: never, scheduleDispatch: never, settle: never, rebase: never },
    ...{ fail: never, reopen: never, release: never },
  };
  return { ahead, records };
}

/** The reconciler's loops over a Supabase that is away for a while; a worker reports every `reportMs`, and wakes the hints each time. */
async function run({ failsAfterMs, reportMs }: { failsAfterMs: number; reportMs: number }) {
  const world = createWorld();
  const clock = {
    ...createHost(world).clock,
    wallTime: () => world.now(),
    random: () => 0.9,
    uuid: () => '',
  };
  const { ahead, records } = createAhead();
  const requests: number[] = [];
  const end = new AbortController();
  const wake = new Wake(clock);

  async function answer(): Promise<void> {
    requests.push(world.now());
    if (!isAway(world.now())) return clock.sleep(20);
    await clock.sleep(failsAfterMs);
    throw new TaskError('supabase_unavailable');
  }
  const circuit = createCircuit({
    clock,
    limits: supabaseCircuitLimits,
    judge: verdictOf,
    onChange: () => {},
  });
  const tasks = protectTasks(
    {
      syncBatch: async (updates) => {
        await answer();
        return updates.map((update) => ({ ...update, outcome: 'applied' }));
      },
      readRows: async () => answer().then(() => new Map()),
      activeRows: async () => answer().then(() => []),
    },
    circuit,
  );
  const queue = { isReady: () => true, publish: async () => {} };
  const events = createReconcilerEvents();
  const settings = { claimMs: 15_000, publishTimeoutMs: 5000, publishRetryMs: 2000 };
  const apply = createApply({ records, queue, events, clock, settings });
  const limits = protocolLimits;
  const reconcile = createReconcile({ tasks, queue, apply, events, clock, isContentFault, limits });
  const passes = createPasses({
    ...{ tasks, records, reconcile, events, clock },
    limits: {
      ...{ hintsPerPass: 500, rowsPerPage: 500, repairMinAgeMs: 60_000, quietAgeMs: 20_000 },
      scan: { share: 0.25, longestPauseMs: 500, mostRestarts: 2 },
    },
  });
  const loops = runPasses({
    ...{ passes, wake, events, clock },
    intervalsMs: { hints: 500, scan: 30_000, quiet: 60_000, repair: 30_000 },
    signal: end.signal,
    isLeader: () => true,
  });
  every(world, reportMs, outage.to, (index) => {
    const correlationId = `c${index}`;
    ahead.set(correlationId, { ...clean, correlationId, updatedAt: 101 });
    wake.wake();
  });
  await world.runUntil(outage.to);
  const piledUp = ahead.size;
  const emptyAt = await untilEmpty(world, ahead);
  end.abort();
  await world.runUntil(world.now() + 60 * second);
  await loops;
  return { piledUp, backInMs: emptyAt - outage.to, requests: requests.filter(isAway) };
}

function every(world: World, ms: number, until: number, act: (index: number) => void, index = 0): void {
  world.at(world.now() + ms, () => {
    act(index);
    if (world.now() < until) every(world, ms, until, act, index + 1);
  });
}

async function untilEmpty(world: World, list: ReadonlyMap<string, unknown>): Promise<number> {
  const giveUp = world.now() + 60 * second;
  while (list.size > 0 && world.now() < giveUp) await world.runUntil(world.now() + 10);
  return world.now();
}

/** The most within one second. */
const mostPerSecond = (times: readonly number[]) =>
  Math.max(...times.map((at) => times.filter((other) => other >= at && other < at + second).length));

test.each([
  ['refuses connections', 5],
  ['hangs until each request runs out', 10 * second],
])(
  'a Supabase that %s is asked seldom, whatever hints come, and has all of it seconds after its return',
  async (_, failsAfterMs) => {
    const { piledUp, backInMs, requests } = await run({ failsAfterMs, reportMs: 20 });
    expect(piledUp).toBeGreaterThan(5000);
    expect(mostPerSecond(requests)).toBeLessThanOrEqual(5);
    // Once it is known to be away, one try at a time, each after the longest wait.
    const known = outage.from + 60 * second;
    const oneTryMs = failsAfterMs + 0.95 * supabaseCircuitLimits.longestWaitMs;
    const tries = requests.filter((at) => at >= known).length;
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThanOrEqual(1 + (outage.to - known) / oneTryMs);
    expect(backInMs).toBeLessThan(failsAfterMs + 5 * second);
  },
);
