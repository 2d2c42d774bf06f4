import { createClock } from '@tickwork/runtime/process/clock';
import type { Envelope } from '@tickwork/task/envelope';
import type { Seed } from '@tickwork/task/ports';
import { expect, test } from 'vitest';
import { createSubmitTask, type SubmitDependencies } from './submit-task.ts';
import { memoryTasks, watchedEvents } from './tasks.harness.ts';

const submission = { userId: 'user', mandate: 'One.', maxTicks: 7 };
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
  return { submit: () => submitTask(tasks, submission), seeds, published, scheduled, seen };
}

test('a task is inserted, seeded with the stamp of its row, and published', async () => {
  const { submit, seeds, published, scheduled, seen } = harness();
  const task = await submit();
  expect(task).toMatchObject(submission);
  const { id, correlationId } = task;
  expect(seeds).toMatchObject([
    { id, correlationId, userId: 'user', status: 'pending', held: false, waitMs: 60 },
  ]);
  expect(seeds[0]?.updatedAt).toBe(1_767_225_600_000_001);
  expect(published).toMatchObject([{ id, correlationId, userId: 'user', mandate: 'One.', maxTicks: 7 }]);
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
