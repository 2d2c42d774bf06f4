import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { syncHalving } from '../reconcile/sync.ts';
import { causesOf } from '../tasks/errors.ts';
import { record } from '../tasks/tasks.harness.ts';
import { createSupabaseClient } from './client.ts';
import { isContentFault } from './errors.ts';
import { probeTasks, SupabaseTaskStorage } from './supabase-task-storage.ts';

// What PostgREST, or a proxy in front of it, answers; each test says.
let answer: (body: unknown) => { status: number; body: string };
const server = createServer(async (request, response) => {
  const { status, body } = answer(request.method === 'POST' ? await json(request) : null);
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
});
let client: ReturnType<typeof createSupabaseClient>;
const { signal } = new AbortController();
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = createSupabaseClient({ url: `http://127.0.0.1:${port}`, anonKey: 'anon' });
});
beforeEach(() => {
  answer = () => ({ status: 200, body: '[]' });
});
afterAll(() => void server.close());

const failure = (status: number, code: string) => () => ({
  status,
  body: JSON.stringify({
    code,
    message: 'permission denied for row (secret)',
    details: 'secret',
    hint: null,
  }),
});

test.each([
  ['the table', () => ({ status: 200, body: '[]' })],
  ['that anon may not read the table', failure(401, '42501')],
  ['that this key may not read the table', failure(403, '42501')],
])('PostgREST is up when it answers with %s', async (_name, given) => {
  answer = given;
  await expect(probeTasks(client, signal)).resolves.toBeUndefined();
});

test.each([
  ['that there is no such table', failure(404, '42P01'), 'schema_missing'],
  ['that its cache has no such table', failure(404, 'PGRST205'), 'schema_missing'],
  ['that its database is away', failure(503, 'PGRST000'), 'supabase_unavailable'],
  ['that the key is wrong', failure(401, 'PGRST301'), 'unauthenticated'],
  ["a proxy's error", () => ({ status: 502, body: '<html>' }), 'supabase_unavailable'],
])('it is not when it answers with %s', async (_name, given, code) => {
  answer = given;
  await expect(probeTasks(client, signal)).rejects.toMatchObject({ code });
});

test('the cause of a failure is its code and status, and no text', async () => {
  answer = failure(503, 'PGRST000');
  const error = await probeTasks(client, signal).catch((reason: unknown) => reason);
  expect(causesOf(error)).toEqual([
    { name: 'TaskError', code: 'supabase_unavailable' },
    { name: 'PostgREST', code: 'PGRST000', status: 503 },
  ]);
});

test('a batch that is too large for a proxy is halved until it is not; one that is alone is invalid', async () => {
  const records = ['a', 'b', 'big', 'd', 'e'].map((correlationId) => record({ correlationId }));
  answer = (body) => {
    const { updates } = body as { updates: { correlation_id: string }[] };
    const tooLarge = updates.length > 2 || updates.some(({ correlation_id }) => correlation_id === 'big');
    if (tooLarge) return { status: 413, body: '<html>Request Entity Too Large</html>' };
    const answers = updates.map(({ correlation_id }) => ({ correlation_id, outcome: 'applied' }));
    return { status: 200, body: JSON.stringify(answers) };
  };
  const storage = new SupabaseTaskStorage(client, () => 'token');
  const syncBatch = storage.syncBatch.bind(storage);
  const answers = await syncHalving(records, syncBatch, isContentFault, signal);
  expect(answers.map(({ correlationId, outcome }) => `${correlationId} ${outcome}`)).toEqual([
    'a applied',
    'b applied',
    'big invalid',
    'd applied',
    'e applied',
  ]);
});
