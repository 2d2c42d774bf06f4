import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type Database, type Row } from './supabase-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

const values = async (sql: string) => (await database.query(sql)).rows.map((row) => Object.values(row)[0]);

const tables = `('public.tasks'::regclass, 'public.profiles'::regclass,
  'public.user_daily_usage'::regclass, 'internal.settings'::regclass)`;

/** Everything that the schema says, as the catalog has it. */
async function catalog(): Promise<Row[]> {
  const { rows } = await database.query(`
    select 'function' as kind, p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as definition, (select array_agg(a::text order by a::text) from unnest(p.proacl) a)::text as acl
      from pg_proc p where pronamespace::regnamespace::text in ('public', 'internal') and prokind = 'f'
    union all
    select 'policy', policyname, concat_ws(' ', permissive, roles, cmd, qual, with_check), null from pg_policies
    union all
    select 'constraint', conname, pg_get_constraintdef(oid), oid::text from pg_constraint where conrelid in ${tables}
    union all
    select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid), indexrelid::text
      from pg_index where indrelid in ${tables}
    union all
    select 'trigger', tgname, pg_get_triggerdef(oid), null from pg_trigger where tgrelid in ${tables} and not tgisinternal
    union all
    select 'table', relname, relrowsecurity::text, (select array_agg(a::text order by a::text) from unnest(relacl) a)::text from pg_class where oid in ${tables}
    union all
    select 'column', attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod), (select array_agg(a::text order by a::text) from unnest(attacl) a)::text from pg_attribute
     where attrelid in ${tables} and attnum > 0
    order by 1, 2`);
  return rows;
}

test('schema.sql runs again as the project’s owner, and changes nothing', async () => {
  const before = await catalog();
  const owner = new pg.Client({ connectionString: database.databaseUrl });
  await owner.connect();
  await owner.query(await readFile(join(import.meta.dirname, '../../supabase/schema.sql'), 'utf8'));
  const { rows } = await owner.query('select rolsuper from pg_roles where rolname = current_user');
  await owner.end();
  expect(rows).toEqual([{ rolsuper: false }]);
  expect(await catalog()).toEqual(before);
});

test('the indexes are the document’s, and two for what is not final: the walk, and a user’s count', async () => {
  const indexes = await values(
    `select indexdef from pg_indexes where tablename = 'tasks' and indexname like 'idx%' order by 1`,
  );
  const active = / WHERE \(status <> ALL /;
  expect(indexes).toEqual([
    expect.stringMatching(/idx_tasks_active .*\(correlation_id\) WHERE/),
    expect.stringMatching(/idx_tasks_correlation_id .*\(correlation_id\)$/),
    expect.stringMatching(/idx_tasks_status .*\(status\) WHERE/),
    expect.stringMatching(/idx_tasks_user_active .*\(user_id\) WHERE/),
    expect.stringMatching(/idx_tasks_user_created .*\(user_id, created_at DESC\)$/),
    expect.stringMatching(/idx_tasks_user_id .*\(user_id\)$/),
  ]);
  expect(indexes.filter((index) => active.test(String(index)))).toHaveLength(3);
});

describe('every policy and function', () => {
  test('row-level security is on; each policy names its role; a user’s says whose row it is', async () => {
    expect(await values("select relrowsecurity from pg_class where oid = 'public.tasks'::regclass")).toEqual([
      true,
    ]);
    const policies =
      await values(`select concat_ws(' | ', cmd, roles, coalesce(qual, with_check)) from pg_policies
      where tablename = 'tasks' and policyname like '%own' order by 1`);
    const own = '(( SELECT auth.uid() AS uid) = user_id)';
    expect(policies).toEqual(
      ['DELETE', 'INSERT', 'SELECT', 'UPDATE'].map((cmd) => `${cmd} | {authenticated} | ${own}`),
    );
  });

  test('only the name of the newest migration is left to everyone; the functions of the quota alone run as their owner', async () => {
    const loose = await values(`select p.oid::regprocedure::text from pg_proc p
      where pronamespace::regnamespace::text in ('public', 'internal')
        and has_function_privilege('anon', p.oid, 'execute')`);
    expect(loose).toEqual(['tickwork_schema()']);
    const definers = await values(`select p.oid::regprocedure::text from pg_proc p
      where pronamespace::regnamespace::text in ('public', 'internal') and prosecdef order by 1`);
    expect(definers).toEqual([
      'internal.default_tick_limit()',
      'internal.profiles_before_insert()',
      'internal.tasks_after_insert()',
    ]);
  });

  test('stamps are exact to the microsecond', async () => {
    const stamps = [0, 1, 1_700_000_000_123_457, 4_102_444_800_999_999];
    for (const stamp of stamps) {
      expect(await values(`select internal.to_us(internal.from_us(${stamp}))`)).toEqual([String(stamp)]);
    }
  });
});

test('the SQL that the README has for operators runs as the project’s owner', async () => {
  const readme = await readFile(join(import.meta.dirname, '../../supabase/README.md'), 'utf8');
  const owner = await database.createUser();
  const blocks = [...readme.matchAll(/```sql\n(.*?)```/gs)].map(([, sql = '']) => sql.replaceAll('…', owner));
  // pg_cron is an extension of hosted projects: here runs what it would.
  const scheduled = blocks.flatMap((sql) =>
    [...sql.matchAll(/\$\$(.*?)\$\$/gs)].map(([, inner = '']) => inner),
  );
  const direct = blocks.filter((sql) => !sql.includes('cron.'));
  expect([direct.length, scheduled.length]).toEqual([2, 2]);
  const client = new pg.Client({ connectionString: database.databaseUrl });
  await client.connect();
  await client.query(['begin', ...direct, ...scheduled, 'rollback'].join(';\n'));
  await client.end();
});
