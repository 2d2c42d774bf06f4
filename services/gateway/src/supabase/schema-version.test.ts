import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { never } from '../tasks/tasks.harness.ts';
import { checkSchema, neededMigration } from './schema-version.ts';
import { failure, startSupabase } from './supabase.harness.ts';

let supabase: Awaited<ReturnType<typeof startSupabase>>;
beforeAll(async () => {
  supabase = await startSupabase();
});
beforeEach(() => supabase.reset());
afterAll(() => supabase.close());

const check = (accessToken?: string) =>
  checkSchema({ client: supabase.client, signal: never, ...(accessToken ? { accessToken } : {}) });
const has = (name: unknown) => () => ({ status: 200, body: JSON.stringify(name) });

test('the newest migration is the one that is needed', () => {
  const migrations = readdirSync(join(import.meta.dirname, '../../../../supabase/migrations')).sort();
  expect(migrations.at(-1)).toBe(`${neededMigration}.sql`);
});

test.each([neededMigration, '99990101000000_later'])('a database that has %s will do', async (name) => {
  supabase.answer = has(name);
  expect(await check()).toBe(name);
});

test('one that is older is told by both names', async () => {
  supabase.answer = has('20261123000500_reconciler_reads');
  await expect(check('token')).rejects.toMatchObject({
    code: 'schema_missing',
    message: `The database lacks migration ${neededMigration} (it has 20261123000500_reconciler_reads): run supabase/schema.sql`,
  });
});

test('one that lets only signed-in users ask is older', async () => {
  supabase.answer = () => failure(401, '42501');
  await expect(check()).rejects.toMatchObject({
    code: 'schema_missing',
    message: `The database lacks migration ${neededMigration} (it has an older one): run supabase/schema.sql`,
  });
  await expect(check('token')).rejects.toMatchObject({ code: 'forbidden' });
});

test.each([
  ['no such function', () => failure(404, 'PGRST202'), 'schema_missing'],
  ['an error', () => failure(503, 'PGRST000'), 'supabase_unavailable'],
  ['what is no name', has('secret'), 'supabase_unavailable'],
  ['no text', has(7), 'supabase_unavailable'],
])('%s', async (_name, answer, code) => {
  supabase.answer = answer;
  const error = await check().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, message: expect.not.stringContaining('secret') });
});
