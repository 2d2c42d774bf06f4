import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { become, createDatabase, type Database, type Row, reconciler, update } from './supabase-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

describe('task_reconciler', () => {
  const readable = ['id', 'correlation_id', 'user_id', 'mandate', 'max_ticks', 'status', 'updated_at'];
  const writable = ['status', 'tick', 'result', 'error', 'updated_at'];
  const columns = [...new Set([...readable, ...writable, 'created_at'])];
  const privileges = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'];

  test.each(columns)('has the rights it needs on %s, and no other', async (column) => {
    const { rows } = await database.query(
      `select p.name from unnest($2::text[]) as p (name)
        where has_column_privilege('task_reconciler', 'public.tasks', $1, p.name)`,
      [column, privileges],
    );
    const granted = [readable.includes(column) && 'SELECT', writable.includes(column) && 'UPDATE'].filter(
      Boolean,
    );
    expect(rows.map(({ name }) => name)).toEqual(granted);
  });

  test.each([
    'select * from public.tasks',
    'select tick from public.tasks',
    'select result, error, created_at from public.tasks',
    "update public.tasks set mandate = 'm'",
    'update public.tasks set user_id = gen_random_uuid()',
    'update public.tasks set status = status returning result',
    'delete from public.tasks',
    'truncate public.tasks',
    `insert into public.tasks (correlation_id, user_id, mandate) values (gen_random_uuid(), gen_random_uuid(), 'm')`,
    "select * from public.sync_task('{}')",
    'select * from auth.users',
    'create table public.mine ()',
  ])('may not: %s', async (statement) => {
    await expect(database.as(reconciler, statement)).rejects.toMatchObject({ code: '42501' });
  });

  test('is a plain role that only the authenticator can become', async () => {
    const { rows } = await database.query(
      `select rolsuper, rolcanlogin, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,
              pg_has_role('authenticator', oid, 'member') as by_authenticator,
              pg_has_role('authenticated', oid, 'member') or pg_has_role('anon', oid, 'member') as by_users,
              (select count(*)::int from pg_auth_members where member = r.oid) as roles
         from pg_roles r where rolname = 'task_reconciler'`,
    );
    const { by_authenticator, ...others } = rows[0] as Row;
    expect(by_authenticator).toBe(true);
    expect(Object.values(others).every((value) => value === false || value === 0)).toBe(true);
  });

  test('may not change what has ended, by hand either', async () => {
    const ended = await database.insertTask();
    await database.syncTasks([update(ended, 'completed', ended.stamp + 1)]);
    const change = "update public.tasks set status = 'pending' where correlation_id = $1";
    await expect(database.as(reconciler, change, [ended.correlationId])).rejects.toMatchObject({
      code: 'PT409',
    });
  });
});

describe('a policy that is not there', () => {
  const updates = JSON.stringify([
    { correlation_id: randomUUID(), id: randomUUID(), status: 'started', updated_us: 1 },
  ]);
  const calls = [
    ['sync_tasks', `select public.sync_tasks('${updates}') as answer`],
    ['read_tasks', `select public.read_tasks('${updates}') as answer`],
    ['active_tasks', "select public.active_tasks('g', 0, 10) as answer"],
  ] as const;
  const breaches = [
    [
      'select is dropped',
      'drop policy tasks_select_reconciler on public.tasks',
      /lacks .*: tasks_select_reconciler$/,
    ],
    [
      'update is dropped',
      'drop policy tasks_update_reconciler on public.tasks',
      /lacks .*: tasks_update_reconciler$/,
    ],
    [
      'select hides rows',
      'alter policy tasks_select_reconciler on public.tasks using (false)',
      /lacks .*: tasks_select_reconciler$/,
    ],
    [
      'select is for others',
      'alter policy tasks_select_reconciler on public.tasks to anon',
      /lacks .*: tasks_select_reconciler$/,
    ],
    [
      'a restrictive one is on top',
      'create policy only_mine on public.tasks as restrictive using (false)',
      /restrictive .*: only_mine$/,
    ],
  ] as const;
  const cases = breaches.flatMap(([what, breach, message]) =>
    calls.map(([name, call]) => ({ what, name, breach, call, message })),
  );

  test.each(cases)('$what: $name answers nothing at all', async ({ breach, call, message }) => {
    await expect(
      database.transaction(async (query) => {
        await query(breach);
        await become(query, reconciler);
        return (await query(call)).rows;
      }, 'rollback'),
    ).rejects.toMatchObject({ code: 'PT503', message: expect.stringMatching(message) });
  });

  test.each(calls)('%s answers while they are there', async (_, call) => {
    expect((await database.as(reconciler, call)).rowCount).toBe(1);
  });
});
