import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  anon,
  become,
  createDatabase,
  type Database,
  type Row,
  reconciler,
  user,
} from './supabase-database.ts';

let database: Database;
let owner: string;
beforeAll(async () => {
  database = await createDatabase({ connections: 40 });
});
beforeEach(async () => {
  owner = await database.createUser();
});
afterAll(() => database.close());

const insertOne = "insert into public.tasks (correlation_id, user_id, mandate) values ($1, $2, 'm')";
const submit = (id: string = randomUUID(), from = owner, of = from) =>
  database.as(user(from), insertOne, [id, of]);
const submitMany = (count: number) =>
  database.as(
    user(owner),
    `insert into public.tasks (correlation_id, user_id, mandate, max_ticks)
     select gen_random_uuid(), $1, 'm', 200 from generate_series(1, $2)`,
    [owner, count],
  );
const used = async (of = owner): Promise<number> => {
  const { rows } = await database.query(
    `select coalesce(sum(ticks_used), 0)::int as used from public.user_daily_usage
      where user_id = $1 and usage_date = (now() at time zone 'utc')::date`,
    [of],
  );
  return Number(rows[0]?.['used']);
};
const setLimit = (limit: number) =>
  database.query('insert into public.profiles (user_id, daily_tick_limit) values ($1, $2)', [owner, limit]);

/** The refusal as PostgREST reads it. */
function refusal(error: { code?: string; message: string; detail?: string }) {
  expect(error.code).toBe('PGRST');
  const { details, ...message } = JSON.parse(error.message);
  return { ...message, details: JSON.parse(details), response: JSON.parse(error.detail ?? '') };
}
const refused = async (work: Promise<unknown>) =>
  refusal(
    await work.then(
      () => Promise.reject(new Error('it was taken')),
      (error) => error,
    ),
  );

describe('a task', () => {
  test('costs one, whatever its max_ticks, and several at once as many', async () => {
    await submit();
    expect(await used()).toBe(1);
    await submitMany(3);
    expect(await used()).toBe(4);
  });

  test('gives nothing back when it is deleted', async () => {
    await submit();
    await database.as(user(owner), 'delete from public.tasks');
    expect(await used()).toBe(1);
  });

  test('that is there already is not charged, whether it fails or is skipped', async () => {
    const id = randomUUID();
    await submit(id);
    await expect(submit(id)).rejects.toMatchObject({ code: '23505' });
    const skipped = await database.as(user(owner), `${insertOne} on conflict do nothing`, [id, owner]);
    expect(skipped.rowCount).toBe(0);
    expect(await used()).toBe(1);
  });

  test('that breaks a constraint is not charged', async () => {
    await expect(submit('no uuid')).rejects.toMatchObject({ code: '23514' });
    expect(await used()).toBe(0);
  });

  test('that the owner of the database inserts is not charged', async () => {
    await setLimit(0);
    await database.query(insertOne, [randomUUID(), owner]);
    expect(await used()).toBe(0);
  });

  // At any hour one of the two has another date than UTC.
  test.each(['Pacific/Kiritimati', 'Etc/GMT+12'])(
    'is charged to the day in UTC, from %s too',
    async (zone) => {
      await database.transaction(async (query) => {
        await query("select set_config('timezone', $1, true)", [zone]);
        await become(query, user(owner));
        await query(insertOne, [randomUUID(), owner]);
      });
      expect(await used()).toBe(1);
    },
  );
});

describe('the daily limit', () => {
  test('is answered with 429, what is left, and the seconds to midnight in UTC', async () => {
    await setLimit(2);
    await submit();
    await submit();
    const { response, ...answer } = await refused(submit());
    expect(answer).toEqual({
      code: 'TW429',
      message: "the day's tasks are used up",
      details: { limit: 2, used: 2, left: 0, kind: 'daily', retry_after: expect.any(Number) },
      hint: null,
    });
    expect(response.status).toBe(429);
    const toMidnight = 86_400 - ((Date.now() / 1000) % 86_400);
    expect(Math.abs(Number(response.headers['Retry-After']) - toMidnight)).toBeLessThan(60);
    expect(await used()).toBe(2);
  });

  test('refuses several at once as a whole, and tells what is left', async () => {
    await setLimit(5);
    await submit();
    expect((await refused(submitMany(5))).details).toMatchObject({
      limit: 5,
      used: 1,
      left: 4,
      kind: 'daily',
    });
    expect(await used()).toBe(1);
    await submitMany(4);
  });

  test('of 0 means none', async () => {
    await setLimit(0);
    expect((await refused(submit())).details).toMatchObject({ limit: 0, used: 0, left: 0 });
    expect(await used()).toBe(0);
  });

  test('is never negative', async () => {
    await expect(setLimit(-1)).rejects.toMatchObject({ constraint: 'profiles_daily_tick_limit' });
  });

  test('below what was used leaves nothing', async () => {
    await submitMany(3);
    await setLimit(1);
    expect((await refused(submit())).details).toMatchObject({ limit: 1, used: 3, left: 0 });
  });

  test('of 3 takes exactly 3 of 40 at once', async () => {
    await setLimit(3);
    const answers = await Promise.allSettled(Array.from({ length: 40 }, () => submit()));
    const failed = answers.filter((answer) => answer.status === 'rejected');
    expect(failed).toHaveLength(37);
    for (const { reason } of failed) expect(refusal(reason).details).toMatchObject({ used: 3, left: 0 });
    expect(await used()).toBe(3);
  });

  test('starts anew with the day', async () => {
    await setLimit(1);
    await submit();
    await database.query(
      'update public.user_daily_usage set usage_date = usage_date - 1 where user_id = $1',
      [owner],
    );
    await submit();
    expect((await refused(submit())).details).toMatchObject({ used: 1 });
  });
});

describe('the settings', () => {
  const set = (values: string) => database.query(`update internal.settings set ${values}`);

  test('hold for who has no profile, and for a profile that its user makes', async () => {
    await set('daily_tick_limit = 2');
    try {
      await submitMany(2);
      expect((await refused(submit())).details).toMatchObject({ limit: 2 });
      await database.as(
        user(owner),
        "insert into public.profiles (user_id, email, daily_tick_limit) values ($1, 'a@example.com', 6)",
        [owner],
      );
      expect((await refused(submit())).details).toMatchObject({ limit: 2 });
    } finally {
      await set('daily_tick_limit = 100000');
    }
  });

  test('limit what is unfinished at a time; what has ended counts no more', async () => {
    await set('active_task_limit = 3');
    try {
      await submitMany(2);
      expect((await refused(submitMany(2))).details).toMatchObject({
        limit: 3,
        used: 2,
        left: 1,
        kind: 'active',
      });
      await submit();
      const { response, details } = await refused(submit());
      expect(details).toEqual({ limit: 3, used: 3, left: 0, kind: 'active', retry_after: 30 });
      expect(response).toEqual({ status: 429, headers: { 'Retry-After': '30' } });
      expect(await used()).toBe(3);
      await database.as(user(owner), "update public.tasks set status = 'cancelled'");
      const answers = await Promise.allSettled(Array.from({ length: 12 }, () => submit()));
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    } finally {
      await set('active_task_limit = 100000');
    }
  });

  test('are one row, never negative, and out of reach', async () => {
    await expect(set('daily_tick_limit = -1')).rejects.toMatchObject({ code: '23514' });
    await expect(set('active_task_limit = -1')).rejects.toMatchObject({ code: '23514' });
    await expect(database.query('insert into internal.settings default values')).rejects.toThrow();
    for (const caller of [user(owner), reconciler, anon])
      for (const statement of [
        'select * from internal.settings',
        'update internal.settings set single = true',
      ])
        await expect(database.as(caller, statement)).rejects.toMatchObject({ code: '42501' });
  });

  test('start at 6 a day and 100 unfinished', async () => {
    const { rows } = await database.query(
      `select column_name, column_default from information_schema.columns
        where table_schema = 'internal' and column_name like '%limit' order by 1`,
    );
    expect(rows.map((row: Row) => Object.values(row))).toEqual([
      ['active_task_limit', '100'],
      ['daily_tick_limit', '6'],
    ]);
  });
});

test('a user who is deleted takes profile and usage along, while inserts run', async () => {
  await setLimit(1000);
  await submit();
  await Promise.allSettled([
    ...Array.from({ length: 10 }, () => submit()),
    database.query('delete from auth.users where id = $1', [owner]),
    ...Array.from({ length: 10 }, () => submit()),
  ]).then((answers) => {
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: '23503' });
  });
  const { rows } = await database.query(
    `select (select count(*) from public.profiles where user_id = $1)
          + (select count(*) from public.user_daily_usage where user_id = $1) as left`,
    [owner],
  );
  expect(rows).toEqual([{ left: '0' }]);
});
