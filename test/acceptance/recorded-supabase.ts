import { setTimeout as delay } from 'node:timers/promises';
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { freePort } from '../stack/ports.ts';

interface SupabaseCall {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly bearer: string;
}

/** The same Supabase by another address, with every call that goes to its tables kept; and one that can be away or slow. */
export async function recordSupabase(supabaseUrl: string) {
  const calls: SupabaseCall[] = [];
  const port = await freePort();
  const app = fastify();
  let isAway = false;
  let slowMs = 0;
  app.addHook('onRequest', async ({ method, url, headers }, reply) => {
    const path = url.split('?')[0] ?? '';
    const bearer = (headers.authorization ?? '').replace('Bearer ', '');
    if (path.startsWith('/rest/v1')) calls.push({ method, path, bearer });
    if (isAway) return reply.code(503).send();
    if (slowMs > 0) await delay(slowMs);
  });
  await app.register(httpProxy, { upstream: supabaseUrl });
  await app.listen({ host: '127.0.0.1', port });
  return {
    calls,
    env: { SUPABASE_URL: `http://127.0.0.1:${port}`, SUPABASE_JWT_ISSUER: `${supabaseUrl}/auth/v1` },
    setAway: (away: boolean) => {
      isAway = away;
    },
    /** Each call takes so much longer. */
    setSlow: (ms: number) => {
      slowMs = ms;
    },
    close: () => app.close(),
  };
}
