import { createClock } from '@tickwork/runtime/process/clock';
import type { Envelope } from '@tickwork/task/envelope';
import type { Seed } from '@tickwork/task/ports';
import type { Task } from '@tickwork/task/task';
import { describe, expect, test } from 'vitest';
import { TaskError } from './errors.ts';
import { createSubmitTask, type SubmitDependencies } from './submit-task.ts';
import type { TaskName } from './task-name.ts';
import { memoryTasks, row, watchedEvents } from './tasks.harness.ts';

const submission = { userId: '0b9f1c1e-8f43-4a53-9d1f-0c5f7c1d2e3a', mandate: 'One.', maxTicks: 7 };
const away = () => Promise.reject(new Error('away'));
const hangs = () => new Promise<never>(() => {});

interface Given {
  readonly records?: Partial<SubmitDependencies['records']>;
  readonly queue?: SubmitDependencies['queue'];
  readonly tasks?: Parameters<typeof memoryTasks>[1];
  readonly settings?: Partial<SubmitDependencies['settings']>;
}

function harness({ records = {}, queue, tasks: failing, settings }: Given = {}) {
  const seeds: Seed[] = [];
  const published: Envelope[] = [];
  const scheduled: number[] = [];
  const { events, seen } = watchedEvents();
  const { tasks } = memoryTasks(null, failing);
  const submitTask = createSubmitTask({
    records: {
      seed: async (seed) => seeds.push(seed) > 0,
      scheduleDispatch: async (_key, waitMs) => void scheduled.push(waitMs),
      ...records,
    },
    queue: queue ?? { publish: async (envelope) => void published.push(envelope) },
    events,
    clock: createClock(),
    newCorrelationId: () => 'task',
    settings: {
      dispatchBudgetMs: 5000,
      seedLimitMs: 10_000,
      seedWaitMs: 60,
      dispatchWaitMs: 300,
      ...settings,
    },
  });
  const submit = async (name?: TaskName) => (await submitTask(tasks, { ...submission, name })).task;
  return { submit, submitTask, tasks, seeds, published, scheduled, seen };
}

test('a task is inserted, seeded with the stamp of its row, and published', async () => {
  const { submit, seeds, published, scheduled, seen } = harness();
  const task = await submit();
  expect(task).toMatchObject(submission);
  const { id, correlationId } = task;
  expect(seeds).toMatchObject([
    { id, correlationId, userId: submission.userId, status: 'pending', held: false, waitMs: 60 },
  ]);
  expect(seeds[0]?.updatedAt).toBe(1_767_225_600_000_001);
  expect(published).toMatchObject([
    { id, correlationId, userId: submission.userId, mandate: 'One.', maxTicks: 7 },
  ]);
  expect([scheduled, seen]).toEqual([[300], ['submitted', 'published']]);
});

test.each<[string, Given]>([
  ['Redis is away', { records: { seed: away } }],
  ['Redis is slow', { records: { seed: hangs }, settings: { dispatchBudgetMs: 20 } }],
  ['there is a record already', { records: { seed: async () => false } }],
  ['the insert took too long', { settings: { seedLimitMs: -1 } }],
])('when %s nothing is published, and the answer is yes', async (_name, given) => {
  const { submit, published, seen } = harness(given);
  expect(await submit()).toMatchObject(submission);
  expect([published, seen]).toEqual([[], ['submitted', 'left_to_reconciler']]);
});

test('after a late insert nothing is seeded: the task may have ended', async () => {
  const { submit, seeds } = harness({ settings: { seedLimitMs: -1 } });
  await submit();
  expect(seeds).toEqual([]);
});

test.each([
  ['away', away, 5000],
  ['slow', hangs, 20],
])(
  'when RabbitMQ is %s the record waits for the reconciler, and the answer is yes',
  async (_name, publish, ms) => {
    const { submit, seeds, scheduled, seen } = harness({
      queue: { publish },
      settings: { dispatchBudgetMs: ms },
    });
    await submit();
    expect([seeds.length, scheduled, seen]).toEqual([1, [], ['submitted', 'left_to_reconciler']]);
  },
);

test('a publish is told when the time is over', async () => {
  const told = Promise.withResolvers<boolean>();
  const publish = async (_envelope: Envelope, signal: AbortSignal) =>
    signal.addEventListener('abort', () => told.resolve(true));
  const { submit } = harness({
    queue: { publish: (...given) => publish(...given).then(hangs) },
    settings: { dispatchBudgetMs: 20 },
  });
  await submit();
  expect(await told.promise).toBe(true);
});

test('when the insert fails nothing is dispatched', async () => {
  const { submit, seeds, published, seen } = harness({ tasks: { insert: away } });
  await expect(submit()).rejects.toThrow('away');
  expect([seeds, published, seen]).toEqual([[], [], []]);
});

describe('a name that is taken', () => {
  const id = '01939a3c-0000-7000-8000-00000000000a';
  const named = { kind: 'correlation_id', value: id.toUpperCase() } as const;
  const same = row({ ...submission, correlationId: id });
  const taken = (found: Task | null) =>
    harness({
      tasks: {
        insert: () => Promise.reject(new TaskError('conflict')),
        find: async () => found,
      },
    });

  test('by the same task: that is the answer, and nothing is dispatched again', async () => {
    const { submitTask, tasks, seeds, published, seen } = taken(same);
    expect(await submitTask(tasks, { ...submission, name: named })).toEqual({ task: same, isNew: false });
    expect([seeds, published, seen]).toEqual([[], [], []]);
  });

  test.each<[string, Task | null, TaskName['kind'], string]>([
    ['another mandate', { ...same, mandate: 'Two.' }, 'correlation_id', 'conflict'],
    ['another budget', { ...same, maxTicks: 8 }, 'correlation_id', 'conflict'],
    ['another user', null, 'correlation_id', 'conflict'],
    ['a row that has it as its own id', { ...same, correlationId: 'other' }, 'correlation_id', 'conflict'],
    ['another mandate', { ...same, mandate: 'Two.' }, 'idempotency_key', 'idempotency_key_reused'],
  ])('by %s', async (_name, found, kind, code) => {
    const { submit } = taken(found);
    await expect(submit({ ...named, kind })).rejects.toMatchObject({ code });
  });
});

test('a name makes the id: a correlation_id as it is, without one a new one', async () => {
  const value = '01939a3c-0000-7000-8000-00000000000a';
  const { submit } = harness();
  expect((await submit({ kind: 'correlation_id', value })).correlationId).toBe(value);
  expect((await submit()).correlationId).toBe('task');
});
