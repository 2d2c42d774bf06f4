import type { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import type { Claim } from '@tickwork/task/ports';
import { isFinal, type Status, statuses } from '@tickwork/task/status';
import type { TaskRecord } from '@tickwork/task/task';
import fc from 'fast-check';
import type { RecordsServer } from '../conformance/records-server.ts';
import { newTask, seedOf } from '../conformance/records-tasks.ts';

/** Two correlation_ids, each of which two rows have had. */
export const tasks = [newTask(), newTask()] as const;
const otherRows = [newTask(), newTask()] as const;
const tokens = [newTask().token, newTask().token, newTask().token] as const;

const rarely = <Value>(often: Value, ...seldom: readonly Value[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(often) },
    ...seldom.map((value) => ({ weight: 1, arbitrary: fc.constant(value) })),
  );

const circumstances = fc.record({
  task: rarely<0 | 1>(0, 1),
  otherRow: rarely(false, true),
  process: rarely<0 | 1>(0, 1),
  token: rarely<0 | 1 | 2>(0, 1, 2),
  /** Which of the records that were read is meant: 0 is the newest. */
  age: rarely(0, 1, 3),
  status: rarely<Status>('pending', ...statuses),
  odd: fc.boolean(),
  ms: fc.constantFrom(0, 1000, 60_000, 5_000_000),
  /** At how many ticks. */
  checkpoint: fc.constantFrom(null, 0, 1, 2),
  /** Microseconds from the clock. */
  stamp: rarely(-10_000_000, -1, 0, 1, 10_000_000, 100_000_000_000),
  elapsed: rarely(1000, 0, 1_000_000, 16_000_000, 400_000_000, 4_000_000_000, -3_000_000),
});
type Circumstances = typeof circumstances extends fc.Arbitrary<infer Value> ? Value : never;

/** All that a step does it does to this. */
interface Scene {
  readonly server: RecordsServer;
  readonly storage: RedisTaskStorage;
  readonly task: Claim;
  /** What an older decision was made on; at times as if it had been of the other row. */
  readonly sent: TaskRecord | null;
  readonly stamp: number;
  readonly step: Circumstances;
}

const actions = {
  seed: ({ storage, task, stamp, step: { status, odd, ms } }: Scene) =>
    storage.seed(seedOf(task, { status, held: odd, waitMs: ms, updatedAt: stamp })),
  schedule: ({ storage, task, step }: Scene) => storage.scheduleDispatch(task, step.ms),
  claim: ({ storage, task }: Scene) => storage.claim(task),
  report: ({ storage, task, step: { odd, ms, checkpoint } }: Scene) =>
    storage.report(task, {
      ...{ status: 'in_progress', tick: odd ? ms : null, result: odd ? null : '{}' },
      checkpoint: checkpoint === null ? null : { state: '{}', tick: checkpoint, ranMs: ms },
    }),
  end: ({ storage, task, step: { status } }: Scene) =>
    storage.end(task, { status: isFinal(status) ? status : 'completed', result: '{}', error: null }),
  heartbeat: ({ storage, task }: Scene) => storage.heartbeat(task),
  handBack: ({ storage, task, step }: Scene) => storage.handBack(task, { waitMs: step.ms, spent: step.odd }),
  confirm: async ({ storage, sent, step: { odd, status } }: Scene) =>
    sent && storage.confirm(odd ? { ...sent, status } : sent),
  settle: ({ storage, task }: Scene) => storage.settle(task),
  rebase: async ({ storage, sent, stamp }: Scene) => sent && storage.rebase(sent, stamp),
  fail: async ({ storage, sent }: Scene) => sent && storage.fail(sent, 'bad'),
  reopen: ({ storage, task, stamp }: Scene) => storage.reopen(task, stamp),
  release: async ({ storage, sent }: Scene) => sent && storage.release(sent),
  hinted: ({ storage }: Scene) => storage.hinted(1),
  scan: async ({ storage, step }: Scene) => {
    const { cursor, found } = await storage.scanStep('0', step.odd ? step.ms : undefined);
    const sorted = found.toSorted((a, b) => (a.correlationId < b.correlationId ? -1 : 1));
    return { cursor, found: sorted };
  },
  flush: ({ server }: Scene) => server.flush(),
  remove: ({ server, task }: Scene) => server.remove(keyOf(task)),
  setStatus: async ({ server, task, sent, step: { status } }: Scene) =>
    sent && server.set(keyOf(task), { ...ofRecord(sent), status }),
  setStamps: async ({ server, task, sent, stamp, step: { odd } }: Scene) =>
    sent && server.set(keyOf(task), { ...ofRecord(sent), [odd ? 'updated_at' : 'due_at']: stamp }),
};

/** Whole, also where the record is gone: what was written by hand in part is no record of ours. */
const ofRecord = (record: TaskRecord) => ({
  ...{ id: record.id, user_id: record.userId, status: record.status, claim: record.claim },
  ...{ updated_at: record.updatedAt, synced_at: record.syncedAt, due_at: record.dueAt },
});

export const keyOf = ({ correlationId }: { correlationId: string }) => `task:${correlationId}`;

type Action = keyof typeof actions;
const weights: Readonly<Record<Action, number>> = {
  ...{ seed: 10, schedule: 2, claim: 8, report: 6, end: 4, heartbeat: 4, handBack: 2 },
  ...{ confirm: 6, settle: 2, rebase: 2, fail: 2, reopen: 3, release: 6 },
  ...{ hinted: 4, scan: 3, flush: 1, remove: 2, setStatus: 1, setStamps: 3 },
};
const isAction = (name: string): name is Action => name in actions;
const weighted = (name: Action) => ({ weight: weights[name], arbitrary: fc.constant(name) });

const anyStep = fc.record({
  action: fc.oneof(...Object.keys(actions).filter(isAction).map(weighted)),
  circumstances,
});
export type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

const usual: Circumstances = {
  ...{ task: 0, otherRow: false, process: 0, token: 0, age: 0, status: 'pending', odd: false },
  ...{ ms: 60_000, checkpoint: null, stamp: -10_000_000, elapsed: 1000 },
};
const opening: readonly Step[] = [
  { action: 'seed', circumstances: usual },
  { action: 'claim', circumstances: usual },
];

/** Begins with a task that is claimed, as without a record most steps do nothing. */
export const anySteps = fc
  .array(anyStep, { minLength: 10, maxLength: 50, size: 'max' })
  .map((steps) => [...opening, ...steps]);

/** Takes a step at `now` on a server, on which two processes work. `seen`: the records of its task, newest first. */
export function take(
  { action, circumstances: step }: Step,
  { server, processes }: { server: RecordsServer; processes: readonly [RedisTaskStorage, RedisTaskStorage] },
  { now, seen }: { now: number; seen: readonly TaskRecord[] },
): Promise<unknown> {
  const { correlationId, userId } = tasks[step.task];
  const { id } = step.otherRow ? otherRows[step.task] : tasks[step.task];
  const record = seen[step.age] ?? seen[0];
  return actions[action]({
    server,
    storage: processes[step.process],
    task: { correlationId, id, userId, token: tokens[step.token], traceparent: null },
    sent: record ? { ...record, ...(step.otherRow ? { id } : {}) } : null,
    stamp: now + step.stamp,
    step,
  });
}
