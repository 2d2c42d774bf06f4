import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  anon,
  type Caller,
  createDatabase,
  type Database,
  dayUs,
  type Row,
  reconciler,
  type TestTask,
  update,
  user,
} from './supabase-database.ts';

// What a user may try with a token and stock supabase-js. Each is refused, or changes nothing.
let database: Database;
let task: TestTask;
let another: TestTask;
beforeAll(async () => {
  database = await createDatabase();
});
beforeEach(async () => {
  task = await database.insertTask();
  another = await database.insertTask();
});
afterAll(() => database.close());

const row = () => database.row(task.correlationId);
const mine = (sql: string, parameters?: readonly unknown[]) =>
  database.as(user(task.userId), sql, parameters);
const set = (sql: string) => mine(`update public.tasks set ${sql}`);
const sync = (...given: Parameters<typeof update>) =>
  mine('select * from public.sync_task($1)', [JSON.stringify(update(...given))]);
const insert = "insert into public.tasks (correlation_id, user_id, mandate) values ($1, $2, 'm')";

test.each([0, 100])('another’s quota is not told by an insert (limit %s)', async (limit) => {
  await database.query('insert into public.profiles (user_id, daily_tick_limit) values ($1, $2)', [
    another.userId,
    limit,
  ]);
  await expect(mine(insert, [randomUUID(), another.userId])).rejects.toMatchObject({ code: '42501' });
});

test.each(['max_ticks = 200', 'max_ticks = -1', 'user_id = gen_random_uuid()', 'user_id = null'])(
  'after the insert: %s',
  async (change) => {
    await expect(set(change)).rejects.toMatchObject({ code: 'PT422' });
  },
);

test('a negative max_ticks at insert', async () => {
  await expect(
    mine("insert into public.tasks (correlation_id, user_id, mandate, max_ticks) values ($1, $2, 'm', -1)", [
      randomUUID(),
      task.userId,
    ]),
  ).rejects.toMatchObject({ constraint: 'tasks_max_ticks_range' });
});

test('the correlation_id of another', async () => {
  await expect(mine(insert, [another.correlationId, task.userId])).rejects.toMatchObject({ code: '23505' });
  await expect(set(`correlation_id = '${another.correlationId}'`)).rejects.toMatchObject({ code: 'PT422' });
});

test('a final row revived, by hand and by a sync', async () => {
  await set("status = 'completed'");
  const ended = await row();
  await expect(set("status = 'pending'")).rejects.toMatchObject({ code: 'PT409' });
  await sync(task, 'in_progress', task.stamp + 3_600_000_000);
  expect(await row()).toEqual(ended);
});

describe('a status', () => {
  const path = ['pending', 'accepted', 'started', 'in_progress'];
  const back = path.flatMap((from, at) => path.slice(0, at).map((to) => [from, to] as const));

  test.each(back)('goes not back from %s to %s by a user’s hand', async (from, to) => {
    if (from !== 'pending') await database.syncTasks([update(task, from, task.stamp + 1)]);
    const before = await row();
    await expect(set(`status = '${to}'`)).rejects.toMatchObject({ code: 'PT422' });
    expect(await row()).toEqual(before);
  });

  test('goes on by a user’s hand, and back to accepted by a sync: a new attempt', async () => {
    for (const status of path) await set(`status = '${status}'`);
    const { rows } = await sync(task, 'accepted', task.stamp + 3_600_000_000);
    expect(rows).toMatchObject([{ status: 'accepted' }]);
  });
});

describe('the year 2100', () => {
  const stamp = Date.UTC(2100, 0) * 1000;

  test('at insert, by hand and by a sync', async () => {
    await set("updated_at = '2100-01-01'");
    expect(Number((await row())?.['stamp'])).toBeLessThan(task.stamp + dayUs);
    const before = await row();
    const { rows } = await sync(task, 'completed', stamp);
    expect(rows).toMatchObject([{ status: 'pending' }]);
    expect(await row()).toEqual(before);
  });

  test('is not reached day by day', async () => {
    const almost = dayUs - 60_000_000;
    await sync(task, 'started', task.stamp + almost);
    expect(await row()).toMatchObject({ stamp: task.stamp + almost });
    await sync(task, 'in_progress', task.stamp + 2 * almost);
    expect(await row()).toMatchObject({ status: 'started', stamp: task.stamp + almost });
    await database.syncTasks([update(task, 'in_progress', task.stamp + 2 * almost)]);
    expect(await row()).toMatchObject({ status: 'in_progress', stamp: task.stamp + 2 * almost });
  });
});

describe('what is too large', () => {
  const large = JSON.stringify({ text: 'x'.repeat(10_000_000) });

  test.each([
    ['tasks_result_size', 'result = $1', large],
    ['tasks_error_length', 'error = $1', 'é'.repeat(8001)],
    ['tasks_tick_range', 'tick = $1', 51],
    ['tasks_tick_range', 'tick = $1', -1],
  ])('is held to %s: %s', async (constraint, change, value) => {
    await expect(mine(`update public.tasks set ${change}`, [value])).rejects.toMatchObject({
      code: '23514',
      constraint,
    });
  });

  test.each<[string, Row]>([
    ['a result', { result: large }],
    ['an error', { error: 'x'.repeat(8001) }],
    ['a tick', { tick: 51 }],
    ['a negative tick', { tick: -1 }],
  ])('%s is invalid in a batch, and the others are taken', async (_, change) => {
    const answers = await database.syncTasks([
      update(task, 'completed', task.stamp + 1, change),
      update(another, 'completed', another.stamp + 1),
    ]);
    const outcomes = Object.fromEntries(answers.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes).toEqual({ [task.id]: 'invalid', [another.id]: 'applied' });
    expect(await row()).toMatchObject({ status: 'pending', result: null });
  });

  test('what is as large as allowed is taken', async () => {
    const result = JSON.stringify('x'.repeat(1_048_574));
    const most = { result, error: 'é'.repeat(8000), tick: 50 };
    expect(await database.syncTasks([update(task, 'error', task.stamp + 1, most)])).toMatchObject([
      { outcome: 'applied' },
    ]);
  });
});

test('sync_tasks by hand', async () => {
  const many = JSON.stringify(Array.from({ length: 1001 }, () => ({})));
  for (const given of [many, '[]', '[1]', '{}', null, JSON.stringify([update(another, 'error', 1)])])
    await expect(mine('select public.sync_tasks($1)', [given])).rejects.toMatchObject({ code: '42501' });
});

test.each(['[]', 'null', '1', null])('sync_task with %s', async (given) => {
  await expect(mine('select * from public.sync_task($1)', [given])).rejects.toMatchObject({ code: 'PT400' });
});

describe('profile and usage', () => {
  const profile = 'insert into public.profiles (user_id, email, daily_tick_limit) values ($1, $2, $3)';
  const read = async () =>
    (await mine('select user_id, email, daily_tick_limit from public.profiles')).rows as Row[];

  test.each([6, 1_000_000, 0, -1, null])('a profile that says %s gets the server’s limit', async (limit) => {
    await mine(profile, [task.userId, 'a@example.com', limit]);
    expect(await read()).toEqual([
      { user_id: task.userId, email: 'a@example.com', daily_tick_limit: 100_000 },
    ]);
  });

  test('a second one, another’s, or one with a book in it', async () => {
    await mine(profile, [task.userId, 'a@example.com', 6]);
    await expect(mine(profile, [task.userId, 'b@example.com', 9])).rejects.toMatchObject({ code: '23505' });
    await expect(mine(profile, [another.userId, null, 6])).rejects.toMatchObject({ code: '42501' });
    await expect(
      database.as(user(another.userId), profile, [another.userId, 'x'.repeat(321), 6]),
    ).rejects.toMatchObject({ constraint: 'profiles_email_length' });
    expect(await read()).toMatchObject([{ email: 'a@example.com' }]);
  });

  test('show the own alone', async () => {
    for (const { userId } of [task, another]) await database.as(user(userId), profile, [userId, null, 6]);
    expect(await read()).toMatchObject([{ user_id: task.userId }]);
    const { rows } = await mine('select user_id, ticks_used from public.user_daily_usage');
    expect(rows).toEqual([{ user_id: task.userId, ticks_used: 1 }]);
  });

  const writes = [
    'update public.profiles set daily_tick_limit = 1000000',
    'update public.profiles set email = null',
    'insert into public.profiles (user_id, daily_tick_limit) values (auth.uid(), 9) on conflict (user_id) do update set daily_tick_limit = 9',
    'delete from public.profiles',
    'truncate public.profiles',
    'update public.user_daily_usage set ticks_used = 0',
    'insert into public.user_daily_usage values (auth.uid(), current_date + 1, 0)',
    'delete from public.user_daily_usage',
    'truncate public.user_daily_usage',
    'select internal.charge(auth.uid(), -5)',
  ];
  const reads = ['select 1 from public.profiles', 'select 1 from public.user_daily_usage'];

  test.each(writes)('a user may not: %s', async (statement) => {
    await expect(mine(statement)).rejects.toMatchObject({ code: '42501' });
  });

  const callers: Caller[] = [anon, reconciler];
  test.each(
    callers.flatMap((caller) => [...reads, ...writes].map((statement) => ({ ...caller, caller, statement }))),
  )('$role may not: $statement', async ({ caller, statement }) => {
    await expect(database.as(caller, statement)).rejects.toMatchObject({ code: '42501' });
  });
});
