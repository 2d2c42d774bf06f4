import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { query } from '../stack/postgres.ts';
import { createDatabase, type Database } from './supabase-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

const root = join(import.meta.dirname, '../..');
const schema = await readFile(join(root, 'supabase/schema.sql'), 'utf8');

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
const verify = (url = database.databaseUrl) =>
  new Promise<Run>((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, 'supabase/verify.ts')],
      { env: { SUPABASE_DB_URL: url }, timeout: 30_000 },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

test('a project with the schema holds, and nothing is left behind', async () => {
  const { code, stdout } = await verify();
  expect(stdout).not.toContain('FAILS');
  expect(stdout).toMatch(/holds {2}policy +9 of 9\n/);
  expect(stdout).toMatch(/holds {2}sample task +10 of 10\n/);
  expect(code).toBe(0);
  const { rows } = await database.query(
    'select (select count(*) from auth.users) + (select count(*) from public.tasks) as left',
  );
  expect(rows).toEqual([{ left: '0' }]);
});

describe('what is broken is told, and the mend mends it', () => {
  const again = 'run supabase/schema.sql again';

  test.each([
    ['alter table public.tasks disable row level security', 'public.tasks: is missing', again],
    ['drop policy tasks_insert_own on public.tasks', 'tasks_insert_own on public.tasks: is missing', again],
    [
      'alter policy tasks_select_own on public.tasks using (true)',
      /tasks_select_own on public.tasks: is: select to authenticated using true; must be: /,
      again,
    ],
    [
      'create policy everyone on public.tasks for select to authenticated using (true)',
      "everyone on public.tasks: is not Tickwork's: select to authenticated using true",
      'drop policy everyone on public.tasks',
    ],
    ['grant select on public.tasks to anon', "public.tasks to anon: is not Tickwork's: select", again],
    [
      'grant update (daily_tick_limit) on public.profiles to authenticated',
      'public.profiles.daily_tick_limit to authenticated: is: insert, update; must be: insert',
      again,
    ],
    [
      'grant execute on function internal.charge(uuid, int) to public',
      "internal.charge(uuid,integer) to public: is not Tickwork's: execute",
      again,
    ],
    [
      'revoke usage on schema internal from task_reconciler',
      'schema internal to task_reconciler: is missing',
      again,
    ],
    [
      'alter table public.tasks disable trigger tasks_charged',
      'tasks_charged on public.tasks: is: internal.tasks_after_insert, disabled; must be: internal.tasks_after_insert',
      again,
    ],
    ['drop function public.read_tasks(json)', 'public.read_tasks(json): is missing', again],
    [
      'alter function internal.tasks_after_insert() security invoker',
      'internal.tasks_after_insert(): is: as its caller; must be: as its owner',
      again,
    ],
    [
      'alter function internal.charge(uuid, int) reset search_path',
      'internal.charge(uuid,integer): is: as its caller, with any search_path',
      again,
    ],
    [
      'alter table public.tasks drop constraint tasks_max_ticks_range',
      'tasks_max_ticks_range on public.tasks: is missing',
      again,
    ],
    [
      'alter table public.tasks drop constraint tasks_user_id_fkey',
      'is missing',
      'alter table public.tasks add FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE',
    ],
    ['drop index public.idx_tasks_active', 'public.idx_tasks_active: is missing', again],
    [
      'drop index public.idx_tasks_user_id; create index idx_tasks_user_id on public.tasks (status)',
      'public.idx_tasks_user_id: is: (status); must be: (user_id)',
      'drop index public.idx_tasks_user_id',
    ],
    ['alter publication supabase_realtime drop table public.tasks', 'supabase_realtime: is missing', again],
    ['truncate internal.settings', 'the settings are there: 0 rows', again],
    [
      "create or replace function public.tickwork_schema() returns text language sql return 'older'",
      /the newest migration is there: it is older; must be 2026/,
      again,
    ],
    ['drop table public.user_daily_usage', 'public.user_daily_usage.ticks_used: is missing', again],
  ] as [string, string | RegExp, string][])('%s', async (breach, told, mend) => {
    await database.query(breach);
    const { code, stdout } = await verify();
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAILS/);
    if (typeof told === 'string') expect(stdout).toContain(told);
    else expect(stdout).toMatch(told);
    expect(stdout).toContain(`mend: ${mend}`);
    if (mend !== again) await query(database.databaseUrl, mend);
    await query(database.databaseUrl, schema);
    const mended = await verify();
    expect(mended.stdout).not.toContain('FAILS');
    expect(mended.code).toBe(0);
  });
});

test('a project without Tickwork is told so', async () => {
  const { code, stdout } = await verify(database.databaseUrl.replace(/[^/]+$/, 'postgres'));
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAILS {2}row-level security +0 of 3\n/);
  expect(stdout).toContain('run supabase/schema.sql again');
});

test.each([
  ['', 'SUPABASE_DB_URL must be the connection string'],
  ['https://project.supabase.co', 'SUPABASE_DB_URL must be the connection string'],
  ['postgresql://postgres:secret@127.0.0.1:1/postgres', 'ECONNREFUSED'],
])('without a database (%s) it says what is wrong, and no password', async (url, message) => {
  const { code, stdout, stderr } = await verify(url);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(stdout + stderr).not.toContain('secret');
});
