import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { syncHalving } from '../reconcile/sync.ts';
import { causesOf } from '../tasks/errors.ts';
import { never, record } from '../tasks/tasks.harness.ts';
import { isContentFault } from './errors.ts';
import { failure, startSupabase } from './supabase.harness.ts';
import { probeTasks, SupabaseTaskStorage } from './supabase-task-storage.ts';

let supabase: Awaited<ReturnType<typeof startSupabase>>;
beforeAll(async () => {
  supabase = await startSupabase();
});
beforeEach(() => supabase.reset());
afterAll(() => supabase.close());

test.each([
  ['the table', () => ({ status: 200, body: '[]' })],
  ['that anon may not read the table', () => failure(401, '42501')],
  ['that this key may not read the table', () => failure(403, '42501')],
])('PostgREST is up when it answers with %s', async (_name, given) => {
  supabase.answer = given;
  await expect(probeTasks(supabase.client, never)).resolves.toBeUndefined();
});

test.each([
  ['that there is no such table', () => failure(404, '42P01'), 'schema_missing'],
  ['that its cache has no such table', () => failure(404, 'PGRST205'), 'schema_missing'],
  ['that its database is away', () => failure(503, 'PGRST000'), 'supabase_unavailable'],
  ['that the key is wrong', () => failure(401, 'PGRST301'), 'unauthenticated'],
  ["a proxy's error", () => ({ status: 502, body: '<html>' }), 'supabase_unavailable'],
])('it is not when it answers with %s', async (_name, given, code) => {
  supabase.answer = given;
  await expect(probeTasks(supabase.client, never)).rejects.toMatchObject({ code });
});

test('the cause of a failure is its code and status, and no text', async () => {
  supabase.answer = () => failure(503, 'PGRST000');
  const error = await probeTasks(supabase.client, never).catch((reason: unknown) => reason);
  expect(causesOf(error)).toEqual([
    { name: 'TaskError', code: 'supabase_unavailable' },
    { name: 'PostgREST', code: 'PGRST000', status: 503 },
  ]);
});

const task = { correlationId: 'c', userId: 'u', mandate: 'm', maxTicks: 1 };
const refusalOf = (details: string) => {
  supabase.answer = () => failure(429, 'TW429', details);
  return new SupabaseTaskStorage(supabase.client, () => 'token')
    .insert(task)
    .catch((error: unknown) => error);
};

test('a quota that is used up says how much there is, and how long to wait', async () => {
  const quota = { kind: 'daily', limit: 6, used: 6, left: 0, retry_after: 3600 };
  const refusal = await refusalOf(JSON.stringify({ ...quota, mandate: 'secret' }));
  expect(refusal).toMatchObject({ code: 'quota_exceeded', message: 'The quota is used up' });
  expect(refusal).toHaveProperty('quota', quota);
});

test.each([
  ['no details', ''],
  ['what is no JSON', 'secret'],
  ['another kind', '{"kind":"secret","limit":1,"used":1,"left":0}'],
  ['a number that is none', '{"kind":"daily","limit":"secret","used":1,"left":0}'],
])('a quota with %s is used up all the same', async (_name, details) => {
  expect(await refusalOf(details)).toMatchObject({ code: 'quota_exceeded', quota: null });
});

test('a 429 that is not of the quota is a Supabase that did not answer', async () => {
  supabase.answer = () => ({ status: 429, body: '<html>too many requests</html>' });
  await expect(probeTasks(supabase.client, never)).rejects.toMatchObject({ code: 'supabase_unavailable' });
});

test('a cancel of a task that has ended says so, and one of none finds none', async () => {
  const storage = new SupabaseTaskStorage(supabase.client, () => 'token');
  supabase.answer = () => failure(409, 'PT409');
  await expect(storage.cancel('id')).rejects.toMatchObject({ code: 'task_ended' });
  supabase.reset();
  expect([await storage.cancel('id'), await storage.remove('id')]).toEqual([null, null]);
});

test('a batch that is too large for a proxy is halved until it is not; one that is alone is invalid', async () => {
  const records = ['a', 'b', 'big', 'd', 'e'].map((correlationId) => record({ correlationId }));
  supabase.answer = (body) => {
    const { updates } = body as { updates: { correlation_id: string }[] };
    const tooLarge = updates.length > 2 || updates.some(({ correlation_id }) => correlation_id === 'big');
    if (tooLarge) return { status: 413, body: '<html>Request Entity Too Large</html>' };
    const answers = updates.map(({ correlation_id }) => ({ correlation_id, outcome: 'applied' }));
    return { status: 200, body: JSON.stringify(answers) };
  };
  const storage = new SupabaseTaskStorage(supabase.client, () => 'token');
  const syncBatch = storage.syncBatch.bind(storage);
  const answers = await syncHalving(records, syncBatch, isContentFault, never);
  expect(answers.map(({ correlationId, outcome }) => `${correlationId} ${outcome}`)).toEqual([
    'a applied',
    'b applied',
    'big invalid',
    'd applied',
    'e applied',
  ]);
});
