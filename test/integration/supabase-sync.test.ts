import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Database, dayUs, type TestTask, update, user } from './supabase-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

async function sync(...given: Parameters<typeof update>) {
  const [answer] = await database.syncTasks([update(...given)]);
  return answer;
}

async function completed(): Promise<TestTask> {
  const task = await database.insertTask();
  expect(await sync(task, 'completed', task.stamp + 2)).toMatchObject({ outcome: 'applied' });
  return task;
}

describe('the compare-and-set', () => {
  test('takes what is newer, and keeps the stamp that it carries', async () => {
    const task = await database.insertTask();
    expect(await sync(task, 'in_progress', task.stamp + 2)).toEqual({
      correlation_id: task.correlationId,
      id: task.id,
      outcome: 'applied',
      status: 'in_progress',
      updated_us: task.stamp + 2,
    });
    expect(await database.row(task.correlationId)).toMatchObject({
      status: 'in_progress',
      stamp: task.stamp + 2,
    });
  });

  test('takes the same stamp again, with whatever it says now', async () => {
    const task = await database.insertTask();
    await sync(task, 'accepted', task.stamp + 2);
    expect(await sync(task, 'accepted', task.stamp + 2)).toMatchObject({ outcome: 'applied' });
    expect(await sync(task, 'in_progress', task.stamp + 2)).toMatchObject({ outcome: 'applied' });
    expect(await database.row(task.correlationId)).toMatchObject({ status: 'in_progress' });
  });

  test('calls what is older stale, and tells the row', async () => {
    const task = await database.insertTask();
    await sync(task, 'in_progress', task.stamp + 2);
    const row = { outcome: 'stale', status: 'in_progress', updated_us: task.stamp + 2 };
    expect(await sync(task, 'started', task.stamp + 1)).toMatchObject(row);
    expect(await database.row(task.correlationId)).toMatchObject({ status: 'in_progress' });
  });

  test.each([
    ['another id', randomUUID()],
    ['no id', null],
    ['an odd id', 'x'],
  ])('does not find a row by %s', async (_, id) => {
    const task = await database.insertTask();
    const answer = await sync(task, 'completed', task.stamp + 9, { id });
    expect(answer).toMatchObject({ outcome: 'missing', status: null, updated_us: null });
    expect(await database.row(task.correlationId)).toMatchObject({ status: 'pending' });
  });

  test('calls a stamp more than a day ahead stale', async () => {
    const task = await database.insertTask();
    const row = { outcome: 'stale', status: 'pending', updated_us: task.stamp };
    expect(await sync(task, 'completed', task.stamp + 2 * dayUs)).toMatchObject(row);
    expect(await sync(task, 'completed', task.stamp + dayUs / 2)).toMatchObject({ outcome: 'applied' });
  });

  test('goes on from a row that is itself more than a day ahead', async () => {
    const task = await database.insertTask();
    await database.transaction(async (query) => {
      await query("set local app.task_sync = 'on'");
      await query('update public.tasks set updated_at = internal.from_us($2) where id = $1', [
        task.id,
        task.stamp + 3 * dayUs,
      ]);
    });
    expect(await sync(task, 'completed', task.stamp + 3 * dayUs + 1)).toMatchObject({ outcome: 'applied' });
  });
});

describe('what has ended', () => {
  test('is applied when the same end comes again', async () => {
    const task = await completed();
    expect(await sync(task, 'completed', task.stamp + 2)).toMatchObject({ outcome: 'applied' });
  });

  test('stays as it is, whatever is newer or as new', async () => {
    const task = await completed();
    const end = { outcome: 'stale', status: 'completed', updated_us: task.stamp + 2 };
    for (const status of ['error', 'cancelled', 'in_progress']) {
      expect(await sync(task, status, task.stamp + 9)).toMatchObject(end);
      expect(await sync(task, status, task.stamp + 2)).toMatchObject(end);
    }
    expect(await sync(task, 'completed', task.stamp + 9, { result: '{"other":1}' })).toMatchObject(end);
    expect(await database.row(task.correlationId)).toMatchObject({ status: 'completed', result: {} });
  });
});

describe('a correlation_id that came back as another user’s', () => {
  test('is not reached by what was sent for the first', async () => {
    const task = await database.insertTask();
    await database.as(user(task.userId), 'delete from public.tasks where id = $1', [task.id]);
    const thief = await database.createUser();
    await database.as(
      user(thief),
      "insert into public.tasks (id, correlation_id, user_id, mandate) values ($1, $2, $3, 'm')",
      [task.id, task.correlationId, thief],
    );
    expect(await sync(task, 'completed', task.stamp + dayUs / 2)).toMatchObject({ outcome: 'missing' });
    const sent = JSON.stringify(update(task, 'completed', task.stamp + dayUs / 2));
    const { rows } = await database.as(user(thief), 'select * from public.sync_task($1)', [sent]);
    expect(rows).toMatchObject([{ status: 'pending', result: null, user_id: thief }]);
  });
});

test('two syncs at once: the newer stamp stands, and neither fails', async () => {
  const task = await database.insertTask();
  const stamps = Array.from({ length: 8 }, (_, n) => task.stamp + 1 + ((n * 5) % 8));
  await Promise.all(stamps.map((stamp) => sync(task, 'in_progress', stamp, { tick: stamp - task.stamp })));
  expect(await database.row(task.correlationId)).toMatchObject({ stamp: task.stamp + 8, tick: 8 });
});

test('a sync leaves the next write of the same transaction its own stamp', async () => {
  const task = await database.insertTask();
  await database.transaction(async (query) => {
    await query('set local role task_reconciler');
    await query('select public.sync_tasks($1)', [JSON.stringify([update(task, 'started', task.stamp + 2)])]);
    await query('update public.tasks set error = null, updated_at = to_timestamp(0) where id = $1', [
      task.id,
    ]);
  });
  expect(Number((await database.row(task.correlationId))?.['stamp'])).toBeGreaterThan(task.stamp + 2);
});
