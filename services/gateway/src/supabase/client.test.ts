import { expect, onTestFinished, test } from 'vitest';
import { never } from '../tasks/tasks.harness.ts';
import { checkSchema, neededMigration } from './schema-version.ts';
import { startSupabase } from './supabase.harness.ts';
import { probeTasks, SupabaseTaskStorage } from './supabase-task-storage.ts';

const legacy = 'eyJh.eyJyb2xlIjoiYW5vbiJ9.c2ln';
const opaque = 'sb_publishable_abc-123';

async function withKey(key: string) {
  const supabase = await startSupabase(key);
  onTestFinished(supabase.close);
  return supabase;
}

test.each([
  ['a legacy key speaks where no user does', legacy, `Bearer ${legacy}`],
  ['an opaque key is no bearer', opaque, undefined],
])('%s', async (_name, key, authorization) => {
  const { client, headers } = await withKey(key);
  await probeTasks(client, never);
  await client.rpc('tickwork_schema');
  expect(headers.map(({ apikey }) => apikey)).toEqual([key, key]);
  expect(headers.map((header) => header.authorization)).toEqual([authorization, authorization]);
});

test.each([legacy, opaque])('with the key %s a request is its user’s, one after the other', async (key) => {
  const supabase = await withKey(key);
  const storageOf = (token: string) => new SupabaseTaskStorage(supabase.client, () => token);
  await Promise.all(['one', 'two'].map((token) => storageOf(token).list({ limit: 1 }, never)));
  await storageOf('three').syncBatch([], never);
  supabase.answer = () => ({ status: 200, body: JSON.stringify(neededMigration) });
  await checkSchema({ client: supabase.client, signal: never, accessToken: 'four' });
  expect(supabase.headers.map(({ apikey }) => apikey)).toEqual([key, key, key, key]);
  expect(supabase.headers.map(({ authorization }) => authorization).sort()).toEqual(
    ['four', 'one', 'three', 'two'].map((token) => `Bearer ${token}`),
  );
});
