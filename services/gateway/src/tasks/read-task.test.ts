import { createClock } from '@tickwork/runtime/process/clock';
import type { UserTasks } from '@tickwork/task/ports';
import type { Task, TaskRecord, TaskUpdate } from '@tickwork/task/task';
import { expect, test } from 'vitest';
import { TaskError } from './errors.ts';
import { createReadTask, type ReadDependencies } from './read-task.ts';
import { memoryTasks, never, record, row, watchedEvents } from './tasks.harness.ts';

const away = () => Promise.reject(new Error('away'));
const seeded = record().updatedAt;
const ahead = record({ status: 'in_progress', tick: 2, updatedAt: seeded + 5 });

interface Given {
  readonly row?: Task | null;
  readonly record?: TaskRecord | null;
  readonly read?: ReadDependencies['records']['read'];
  readonly supabase?: Partial<UserTasks>;
}

function harness(given: Given) {
  const confirmed: TaskUpdate[] = [];
  const { events, seen } = watchedEvents();
  const { tasks, calls } = memoryTasks(given.row === undefined ? row() : given.row, given.supabase);
  const find = (id: string) => (given.record?.correlationId === id ? given.record : null);
  const readTask = createReadTask({
    records: {
      read: given.read ?? (async (ids) => ids.map(find)),
      confirm: async (sent) => void confirmed.push(sent),
    },
    events,
    clock: createClock(),
    recordTimeoutMs: 20,
  });
  return { read: (id = 'task') => readTask(tasks, 'user', id, never), confirmed, calls, seen, events };
}

test('what Redis has newer is synced first, and shown as Supabase has it then', async () => {
  const { read, confirmed, calls, seen } = harness({ record: ahead });
  expect(await read()).toMatchObject({ status: 'in_progress', tick: 2, mandate: 'One.' });
  expect([confirmed, calls, seen]).toEqual([[ahead], ['sync'], ['applied']]);
});

test('with nothing newer the row is read, and nothing is written', async () => {
  const { read, confirmed, calls } = harness({ record: record() });
  expect(await read()).toEqual(row());
  expect([confirmed, calls]).toEqual([[], ['find']]);
});

test.each<[string, Given]>([
  ['away', { read: away }],
  ['slow', { read: () => new Promise(() => {}) }],
  ['empty', { record: null }],
  ["holding another user's record", { record: { ...ahead, userId: 'another' } }],
])('with Redis %s the row is shown', async (_name, given) => {
  const { read, calls } = harness(given);
  expect(await read()).toEqual(row());
  expect(calls).toEqual(['find']);
});

test('Redis is asked for what is the user’s own, by every name', async () => {
  const asked: unknown[] = [];
  const { read } = harness({
    read: async (...given) => {
      asked.push(given);
      return [null];
    },
  });
  await read('row');
  expect(asked).toEqual([
    [['row'], 'user'],
    [['task'], 'user'],
  ]);
});

test('a record whose task Supabase does not show its user is not found, and stays as it is', async () => {
  const { read, confirmed, calls, seen } = harness({ row: null, record: ahead });
  await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  expect([confirmed, calls, seen]).toEqual([[], ['sync'], ['missing']]);
});

test("another's record of a task that is not there is not found", async () => {
  const { read, calls } = harness({ row: null, record: { ...ahead, userId: 'another' } });
  await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  expect(calls).toEqual(['find']);
});

test('when what Redis holds cannot be stored the row is shown', async () => {
  const { read, confirmed, calls, seen } = harness({
    record: ahead,
    supabase: { sync: () => Promise.reject(new TaskError('invalid')) },
  });
  expect(await read()).toEqual(row());
  expect([confirmed, calls, seen]).toEqual([[], ['find'], ['invalid']]);
});

test.each<[string, Given]>([
  [
    'at the sync',
    { record: ahead, supabase: { sync: () => Promise.reject(new TaskError('supabase_unavailable')) } },
  ],
  ['at the read', { supabase: { find: () => Promise.reject(new TaskError('supabase_unavailable')) } }],
])('with Supabase away %s nothing is answered from Redis', async (_name, given) => {
  const { read, calls } = harness(given);
  await expect(read()).rejects.toMatchObject({ code: 'supabase_unavailable' });
  expect(calls).toEqual([]);
});

test('a database restored from before the last confirmed sync is brought up again', async () => {
  const confirmedBefore = { ...ahead, syncedAt: ahead.updatedAt };
  const { read, calls } = harness({ record: confirmedBefore });
  expect(await read()).toMatchObject({ status: 'in_progress', tick: 2 });
  expect(calls).toEqual(['find', 'sync']);
});

test('a row that has ended is not moved by a newer record', async () => {
  const ended = row({ status: 'cancelled' });
  const { read, calls } = harness({ row: ended, record: { ...ahead, syncedAt: ahead.updatedAt } });
  expect(await read()).toEqual(ended);
  expect(calls).toEqual(['find']);
});

test("by the row's own id its record is found and synced too", async () => {
  const { read, calls } = harness({ record: ahead });
  expect(await read('row')).toMatchObject({ status: 'in_progress' });
  expect(calls).toEqual(['find', 'sync']);
});

test.each<[string, Partial<Task>]>([
  ['has another stamp', { updatedAt: '2026-01-01T00:00:01.000000+00:00' }],
  ['has ended', { status: 'cancelled' }],
  ['is another', { id: 'another' }],
])('a row that %s does not confirm what was sent', async (_name, given) => {
  const sent = { ...row({ status: 'in_progress', updatedAt: '2026-01-01T00:00:00.000006+00:00' }), ...given };
  const { read, confirmed, seen } = harness({ record: ahead, supabase: { sync: async () => sent } });
  expect(await read()).toEqual(sent);
  expect([confirmed, seen]).toEqual([[], ['stale']]);
});

test('a sync is told with its lag: from the stamp in Redis to the answer, where the row holds it', async () => {
  const lags: (number | null)[] = [];
  const now = Date.now() * 1000;
  const told = async (given: Given) => {
    const { read, events } = harness(given);
    events.on('synced_on_read', ({ lagSeconds }) => lags.push(lagSeconds));
    await read();
  };
  await told({ record: { ...ahead, updatedAt: now - 5_000_000 } });
  await told({ record: ahead, supabase: { sync: async () => row({ status: 'cancelled' }) } });
  expect(lags[0]).toBeCloseTo(5, 0);
  expect(lags[1]).toBeNull();
});
