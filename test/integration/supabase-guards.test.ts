import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Database, type Row, update, user } from './supabase-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

/** Inserts as its user, whatever columns the user cares to give. */
async function insert(values: Row, owner?: string): Promise<string> {
  const userId = owner ?? (await database.createUser());
  const row: Row = { correlation_id: randomUUID(), user_id: userId, mandate: 'm', ...values };
  const names = Object.keys(row);
  await database.as(
    user(userId),
    `insert into public.tasks (${names}) values (${names.map((_, n) => `$${n + 1}`)})`,
    Object.values(row),
  );
  return String(row['correlation_id']);
}

describe('an insert by a user', () => {
  test('starts like any other, whatever it says', async () => {
    const id = randomUUID();
    const correlationId = await insert({
      id,
      status: 'completed',
      tick: 9,
      result: '{"x":1}',
      error: 'e',
      created_at: '2099-01-01',
      updated_at: '2099-01-01',
    });
    const row = await database.row(correlationId);
    expect(row).toMatchObject({ status: 'pending', tick: null, result: null, error: null, max_ticks: 50 });
    expect(row?.['id']).not.toBe(id);
    expect(row?.['created_at']).toEqual(row?.['updated_at']);
    expect(Number(row?.['stamp'])).toBeLessThanOrEqual(Date.now() * 1000 + 1_000_000);
  });

  test.each<[string, Row]>([
    ['tasks_max_ticks_range', { max_ticks: 0 }],
    ['tasks_max_ticks_range', { max_ticks: -1 }],
    ['tasks_max_ticks_range', { max_ticks: 201 }],
    ['tasks_mandate_length', { mandate: '' }],
    ['tasks_mandate_length', { mandate: 'é'.repeat(8001) }],
    ['tasks_correlation_id_uuid', { correlation_id: randomUUID().toUpperCase() }],
    ['tasks_correlation_id_uuid', { correlation_id: `${randomUUID()}\n` }],
    ['tasks_correlation_id_uuid', { correlation_id: 'c1' }],
  ])('is held to %s: %o', async (constraint, values) => {
    await expect(insert(values)).rejects.toMatchObject({ code: '23514', constraint });
  });

  test('counts code points', async () => {
    expect(await database.row(await insert({ mandate: '😀'.repeat(8000), max_ticks: 200 }))).not.toBeNull();
  });

  test('of a correlation_id that is there is refused', async () => {
    const { correlationId } = await database.insertTask();
    await expect(insert({ correlation_id: correlationId })).rejects.toMatchObject({ code: '23505' });
  });
});

describe('an update by a user', () => {
  test.each([
    ['id', 'gen_random_uuid()'],
    ['correlation_id', 'gen_random_uuid()::text'],
    ['user_id', 'gen_random_uuid()'],
    ['user_id', 'null'],
    ['mandate', "'another'"],
    ['mandate', 'null'],
    ['max_ticks', '200'],
    ['created_at', "'2020-01-01'"],
  ])('keeps %s (set to %s)', async (column, value) => {
    const task = await database.insertTask();
    await expect(
      database.as(user(task.userId), `update public.tasks set ${column} = ${value}`),
    ).rejects.toMatchObject({ code: 'PT422' });
  });

  test('may write back what it read', async () => {
    const task = await database.insertTask();
    await database.as(
      user(task.userId),
      'update public.tasks set mandate = mandate, max_ticks = max_ticks, tick = 1',
    );
    expect(await database.row(task.correlationId)).toMatchObject({ tick: 1 });
  });

  test('gets its stamp here: later than the last, whatever it says and whatever the last was', async () => {
    const task = await database.insertTask();
    await database.syncTasks([update(task, 'started', task.stamp + 3_600_000_000)]);
    const before = task.stamp + 3_600_000_000;
    await database.as(user(task.userId), "update public.tasks set updated_at = '2020-01-01'");
    expect(await database.row(task.correlationId)).toMatchObject({ stamp: before + 1 });
    const other = await database.insertTask();
    await database.as(user(other.userId), "update public.tasks set updated_at = '2100-01-01'");
    const stamp = Number((await database.row(other.correlationId))?.['stamp']);
    expect(stamp).toBeGreaterThan(other.stamp);
    expect(stamp).toBeLessThan(other.stamp + 60_000_000);
  });

  test('knows no other status', async () => {
    const task = await database.insertTask();
    await expect(
      database.as(user(task.userId), "update public.tasks set status = 'running'"),
    ).rejects.toMatchObject({ code: '23514', constraint: 'tasks_status_known' });
  });

  test.each(['completed', 'error', 'cancelled'])(
    'may end a task as %s, and then change it no more',
    async (status) => {
      const task = await database.insertTask();
      const set = (sql: string) => database.as(user(task.userId), `update public.tasks set ${sql}`);
      await set(`status = '${status}'`);
      const ended = await database.row(task.correlationId);
      for (const change of ["status = 'pending'", "result = '{}'", 'updated_at = now()']) {
        await expect(set(change)).rejects.toMatchObject({ code: 'PT409', detail: status });
      }
      expect(await database.row(task.correlationId)).toEqual(ended);
    },
  );
});

test('a user who is deleted takes the tasks along', async () => {
  const task = await database.insertTask();
  await database.syncTasks([update(task, 'completed', task.stamp + 1)]);
  await database.query('delete from auth.users where id = $1', [task.userId]);
  expect(await database.row(task.correlationId)).toBeNull();
});
