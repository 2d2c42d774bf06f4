import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase, type Database } from './supabase-database.ts';

let database: Database;
let owner: pg.Client;
beforeEach(async () => {
  database = await createDatabase();
  owner = new pg.Client({ connectionString: database.databaseUrl });
  await owner.connect();
});
afterEach(async () => {
  await owner.end();
  await database.close();
});

const schema = await readFile(join(import.meta.dirname, '../../supabase/schema.sql'), 'utf8');
const apply = () =>
  owner.query(schema).catch(async (error) => {
    await owner.query('rollback');
    throw error;
  });
/** As in a project that has nothing of Tickwork's. */
const clear = () =>
  owner.query(
    'drop schema internal cascade; drop table public.tasks, public.profiles, public.user_daily_usage cascade',
  );

describe('a table of the same name with another shape stops everything', () => {
  const usage = 'create table public.user_daily_usage (user_id uuid not null, usage_date date not null';

  test.each([
    [
      'a starter’s profiles',
      'create table public.profiles (id uuid primary key references auth.users, username text unique, avatar_url text)',
      'public.profiles',
      [
        'column daily_tick_limit (integer) is missing',
        'column email (text) is missing',
        'column id, which Tickwork does not know, demands a value',
        'column user_id (uuid) is missing',
        'column user_id is not unique',
      ],
    ],
    [
      'a to-do list’s tasks',
      'create table public.tasks (like auth.users)',
      'public.tasks',
      ['column correlation_id (text) is missing', 'column max_ticks (integer) is missing'],
    ],
    [
      'another type',
      `${usage}, ticks_used bigint not null, unique (user_id, usage_date))`,
      'public.user_daily_usage',
      ['column ticks_used is not integer but bigint'],
    ],
    [
      'two rows for a day',
      `${usage}, ticks_used integer not null)`,
      'public.user_daily_usage',
      ['column user_id, usage_date is not unique'],
    ],
    [
      'a limit that may be null',
      'create table public.profiles (user_id uuid primary key, email text, daily_tick_limit integer)',
      'public.profiles',
      ['column daily_tick_limit (integer) may be null'],
    ],
    [
      'a view',
      'create view public.profiles as select 1 as user_id',
      'public.profiles',
      ['no ordinary table'],
    ],
  ])('%s', async (_, theirs, relation, problems) => {
    await clear();
    await owner.query(theirs);
    const refusal = await apply().catch((error) => error);
    expect(refusal).toMatchObject({ code: '42P16', hint: expect.stringContaining('rename') });
    for (const part of [relation, ...problems]) expect(refusal.message).toContain(part);
    const { rows } = await owner.query(`select to_regnamespace('internal') as internal`);
    expect(rows).toEqual([{ internal: null }]);
  });
});

test('a table made from the document, and one with a column more, are taken', async () => {
  await clear();
  await owner.query(`
    CREATE TABLE tasks (
      id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
      correlation_id TEXT NOT NULL UNIQUE,
      user_id UUID NOT NULL REFERENCES auth.users(id) ON DELETE CASCADE,
      mandate TEXT NOT NULL,
      status TEXT NOT NULL DEFAULT 'pending',
      max_ticks INTEGER NOT NULL DEFAULT 50,
      tick INTEGER,
      result JSONB,
      error TEXT,
      created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
      updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
    );
    create table public.profiles (
      id uuid primary key default gen_random_uuid(), user_id uuid not null unique, email text,
      daily_tick_limit integer not null default 6, nickname text
    )`);
  await apply();
  await database.insertTask();
});

describe('Realtime', () => {
  const published = async () => {
    const { rows } = await owner.query(
      `select tablename from pg_publication_tables where pubname = 'supabase_realtime'`,
    );
    return rows.map(({ tablename }) => tablename);
  };

  test('tells of tasks, and of nothing else of ours', async () => {
    expect(await published()).toEqual(['tasks']);
    await owner.query('alter publication supabase_realtime drop table public.tasks');
    await apply();
    expect(await published()).toEqual(['tasks']);
  });

  test('is not needed, and may be for all tables', async () => {
    await owner.query('drop publication supabase_realtime');
    await apply();
    expect(await published()).toEqual([]);
    await database.query('create publication supabase_realtime for all tables');
    await apply();
    expect(await published()).toContain('tasks');
  });
});
