import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Database, reconciler, update, user } from './supabase-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

const call = (given: string | null) => database.as(reconciler, 'select public.sync_tasks($1)', [given]);

describe('a batch', () => {
  test('is answered item by item, in its order', async () => {
    const owner = await database.createUser();
    const [first, second] = [await database.insertTask(owner), await database.insertTask(owner)];
    const answers = await database.syncTasks([
      update(second, 'started', second.stamp + 1),
      update(first, 'started', first.stamp - 1),
      update({ ...first, id: second.id }, 'started', first.stamp + 1),
      update(first, 'unheard-of', first.stamp + 1),
    ]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['applied', 'stale', 'missing', 'invalid']);
    expect(answers.map(({ id }) => id)).toEqual([second.id, first.id, second.id, first.id]);
  });

  test.each([
    ['broken JSON', { result: '{' }],
    ['a status that there is not', { status: 'running' }],
    ['no status', { status: null }],
    ['no stamp', { updated_us: null }],
    ['a stamp out of range', { updated_us: 9.3e18 }],
    ['a tick out of range', { tick: 3_000_000_000 }],
    ['a tick that is no number', { tick: 'three' }],
    ['a NUL in its result', { result: '{"a":"\\u0000"}' }],
  ])('takes the others when one has %s', async (_, change) => {
    const [good, bad] = [await database.insertTask(), await database.insertTask()];
    const answers = await database.syncTasks([
      update(bad, 'completed', bad.stamp + 1, change),
      update(good, 'completed', good.stamp + 1),
    ]);
    const outcomes = Object.fromEntries(answers.map((answer) => [answer.id, answer.outcome]));
    expect(outcomes).toEqual({ [bad.id]: 'invalid', [good.id]: 'applied' });
    expect(await database.row(good.correlationId)).toMatchObject({
      status: 'completed',
      stamp: good.stamp + 1,
    });
    expect(await database.row(bad.correlationId)).toMatchObject({ status: 'pending', stamp: bad.stamp });
  });

  test('that names a task twice takes the newer, whatever the order; an unreadable one does not hide it', async () => {
    const task = await database.insertTask();
    const answers = await database.syncTasks([
      update(task, 'started', task.stamp + 1),
      update(task, 'in_progress', task.stamp + 2),
      update(task, 'completed', 0, { updated_us: null }),
    ]);
    expect(answers.map(({ outcome }) => outcome)).toEqual(['stale', 'applied', 'invalid']);
    expect(await database.row(task.correlationId)).toMatchObject({
      status: 'in_progress',
      stamp: task.stamp + 2,
    });
  });

  test('that crosses another’s, item by item, does not deadlock with it', async () => {
    const owner = await database.createUser();
    const tasks = await Promise.all(Array.from({ length: 20 }, () => database.insertTask(owner)));
    const updates = tasks.map((task) => update(task, 'in_progress', task.stamp + 1));
    const bad = { ...updates[0], tick: 'x' };
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        database.syncTasks([...(n % 2 ? updates : updates.toReversed()), bad]),
      ),
    );
    for (const task of tasks)
      expect(await database.row(task.correlationId)).toMatchObject({ stamp: task.stamp + 1 });
  });

  test('of up to 1000 is taken, not of more', async () => {
    expect(await database.syncTasks(Array.from({ length: 1000 }, () => ({})))).toHaveLength(1000);
    await expect(call(JSON.stringify(Array.from({ length: 1001 }, () => ({}))))).rejects.toMatchObject({
      code: 'PT413',
    });
  });

  test('is a list of objects', async () => {
    for (const given of [null, '{}', '"x"', 'null']) {
      await expect(call(given)).rejects.toMatchObject({ code: 'PT400' });
    }
    expect(await database.syncTasks([])).toEqual([]);
    expect(await database.syncTasks([1, null])).toMatchObject([
      { outcome: 'invalid' },
      { outcome: 'invalid' },
    ]);
  });
});

describe('what a sync leaves out', () => {
  const notes = { notes: 'half way' };

  test.each([
    ['keeps tick and result while the task goes on', 'accepted', null, 7, notes],
    ['keeps the tick at the end, and replaces the result', 'error', null, 7, null],
  ])('%s', async (_, status, result, tick, kept) => {
    const task = await database.insertTask();
    const report = { tick: 7, result: JSON.stringify(notes) };
    await database.syncTasks([update(task, 'in_progress', task.stamp + 1, report)]);
    await database.syncTasks([update(task, status, task.stamp + 2, { tick: null, result })]);
    expect(await database.row(task.correlationId)).toMatchObject({ status, tick, result: kept });
  });

  test('and what it says replaces what was there', async () => {
    const task = await database.insertTask();
    await database.syncTasks([
      update(task, 'in_progress', task.stamp + 1, { tick: 7, result: '{"notes":"a"}' }),
    ]);
    await database.syncTasks([
      update(task, 'completed', task.stamp + 2, { tick: 8, result: '{"success":true}' }),
    ]);
    expect(await database.row(task.correlationId)).toMatchObject({
      tick: 8,
      result: { success: true },
      error: null,
    });
  });

  test.each([
    ['an empty error is none', 'completed', { result: '{"success":true}', error: '' }, { success: true }],
    ['the JSON text null is no result', 'error', { result: 'null', error: null }, null],
    ['the JSON text null keeps the result too', 'in_progress', { result: 'null', error: '' }, notes],
  ])('%s', async (_, status, sent, result) => {
    const task = await database.insertTask();
    const report = { tick: 7, result: JSON.stringify(notes), error: 'e' };
    await database.syncTasks([update(task, 'in_progress', task.stamp + 1, report)]);
    await database.syncTasks([update(task, status, task.stamp + 2, sent)]);
    const { rows } = await database.query(
      'select status, error, result, result is null as empty from public.tasks where id = $1',
      [task.id],
    );
    expect(rows).toEqual([{ status, error: null, result, empty: result === null }]);
  });

  test('a user’s own update may empty both', async () => {
    const task = await database.insertTask();
    await database.syncTasks([
      update(task, 'in_progress', task.stamp + 1, { tick: 7, result: '{"notes":"a"}' }),
    ]);
    await database.as(user(task.userId), 'update public.tasks set tick = null, result = null');
    expect(await database.row(task.correlationId)).toMatchObject({ tick: null, result: null });
  });
});
