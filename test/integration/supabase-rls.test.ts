import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  anon,
  createDatabase,
  type Database,
  reconciler,
  type TestTask,
  update,
  user,
} from './supabase-database.ts';

let database: Database;
let mine: TestTask;
let theirs: TestTask;
beforeAll(async () => {
  database = await createDatabase();
  mine = await database.insertTask();
  theirs = await database.insertTask();
});
afterAll(() => database.close());

const refused = { code: '42501' };
const statements = [
  'select 1 from public.tasks',
  'insert into public.tasks (correlation_id, user_id, mandate) values (gen_random_uuid(), gen_random_uuid(), $$m$$)',
  'update public.tasks set error = null',
  'delete from public.tasks',
  'truncate public.tasks',
  "select public.sync_tasks('[]')",
  "select * from public.sync_task('{}')",
  "select public.read_tasks('[]')",
  "select public.active_tasks('', 0, 1)",
  'select public.tickwork_schema()',
  'select public.tickwork_quota()',
  'select internal.default_tick_limit()',
  'select internal.is_final(null)',
];

describe('anon', () => {
  test.each(statements.filter((statement) => !statement.includes('tickwork_schema')))(
    'may not: %s',
    async (statement) => {
      await expect(database.as(anon, statement)).rejects.toMatchObject(refused);
    },
  );
});

describe('service_role', () => {
  test.each(statements)('has no part in this: %s', async (statement) => {
    await expect(
      database.transaction(async (query) => {
        await query('set local role service_role');
        await query(statement);
      }),
    ).rejects.toMatchObject(refused);
  });
});

describe('a user', () => {
  test('sees own rows only', async () => {
    const { rows } = await database.as(user(mine.userId), 'select id from public.tasks');
    expect(rows).toEqual([{ id: mine.id }]);
  });

  test('changes own rows only, without a filter and without reading back', async () => {
    const owner = await database.createUser();
    const own = [await database.insertTask(owner), await database.insertTask(owner)];
    const { rowCount } = await database.as(user(owner), "update public.tasks set error = 'touched'");
    expect(rowCount).toBe(own.length);
    for (const task of own)
      expect(await database.row(task.correlationId)).toMatchObject({ error: 'touched' });
    for (const task of [mine, theirs])
      expect(await database.row(task.correlationId)).toMatchObject({ error: null });
  });

  test('deletes own rows only, running or not, without a filter', async () => {
    const owner = await database.createUser();
    const own = [await database.insertTask(owner), await database.insertTask(owner)];
    await database.syncTasks(own.map((task) => update(task, 'in_progress', task.stamp + 1)));
    expect((await database.as(user(owner), 'delete from public.tasks')).rowCount).toBe(own.length);
    for (const task of own) expect(await database.row(task.correlationId)).toBeNull();
    for (const task of [mine, theirs])
      expect(await database.row(task.correlationId)).toMatchObject({ id: task.id });
  });

  test('inserts for no one else', async () => {
    const insert = "insert into public.tasks (correlation_id, user_id, mandate) values ($1, $2, 'm')";
    const another = [randomUUID(), theirs.userId];
    await expect(database.as(user(mine.userId), insert, another)).rejects.toMatchObject(refused);
    expect(await database.row(String(another[0]))).toBeNull();
  });

  test('without a sub, or whose token names nobody, has nothing', async () => {
    const nobody = user(randomUUID());
    expect((await database.as(nobody, 'select 1 from public.tasks')).rowCount).toBe(0);
    expect((await database.as(nobody, 'delete from public.tasks')).rowCount).toBe(0);
    expect((await database.as(user(), 'select 1 from public.tasks')).rowCount).toBe(0);
  });

  test('syncs own rows only, and gets the row back', async () => {
    const task = await database.insertTask();
    const sent = JSON.stringify(update(task, 'started', task.stamp + 1));
    const sync = 'select * from public.sync_task($1)';
    expect((await database.as(user(theirs.userId), sync, [sent])).rows).toEqual([]);
    expect(await database.row(task.correlationId)).toMatchObject({ status: 'pending' });
    const { rows } = await database.as(user(task.userId), sync, [sent]);
    expect(rows).toMatchObject([{ id: task.id, status: 'started', mandate: 'a mandate', max_ticks: 50 }]);
    await expect(database.as(user(task.userId), sync, ['[]'])).rejects.toMatchObject({ code: 'PT400' });
  });

  test.each(
    statements.slice(4).filter((statement) => !/sync_task\(|tickwork|is_final|default_tick/.test(statement)),
  )('may not: %s', async (statement) => {
    await expect(database.as(user(mine.userId), statement)).rejects.toMatchObject(refused);
  });

  test('cannot become the reconciler, nor touch the schema', async () => {
    for (const statement of [
      'create table public.mine ()',
      'alter table public.tasks disable row level security',
    ]) {
      await expect(database.as(user(mine.userId), statement)).rejects.toMatchObject(refused);
    }
  });
});

test('the newest migration can be asked for by those who need it', async () => {
  const newest = (await readdir(join(import.meta.dirname, '../../supabase/migrations'))).sort().at(-1);
  for (const caller of [anon, user(mine.userId), reconciler]) {
    const { rows } = await database.as(caller, 'select public.tickwork_schema() as name');
    expect(rows).toEqual([{ name: newest?.replace('.sql', '') }]);
  }
});
