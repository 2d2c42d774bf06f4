import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createSupabaseClient } from './client.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What PostgREST, or a proxy in front of it, answers: as the test says, by the body that it was sent. */
export async function startSupabase(anonKey = 'anon') {
  const empty = (): Answer => ({ status: 200, body: '[]' });
  const supabase = { answer: empty as (body: unknown) => Answer, headers: [] as IncomingHttpHeaders[] };
  const server = createServer(async (request, response) => {
    supabase.headers.push(request.headers);
    const { status, body } = supabase.answer(request.method === 'POST' ? await json(request) : null);
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(supabase, {
    client: createSupabaseClient({ url, anonKey }),
    reset: () => void Object.assign(supabase, { answer: empty, headers: [] }),
    close: () => void server.close(),
  });
}

export const failure = (status: number, code: string, details = 'secret') => ({
  status,
  body: JSON.stringify({ code, message: 'permission denied for row (secret)', details, hint: null }),
});
