import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import fastify from 'fastify';
import { createRemoteJWKSet, type JWK, jwtVerify } from 'jose';
import pg from 'pg';
import { createTokens, type Jwks, publicJwks } from './tokens.ts';

export interface FrontOptions {
  /** This server's own address, as users see it. */
  readonly url: string;
  readonly port: number;
  readonly host: string;
  readonly postgrestUrl: string;
  /** As a role that may write auth.users. */
  readonly databaseUrl: string;
  readonly signingKey: JWK;
  /** What it makes known, where that is more than the signing key. */
  readonly jwks?: Jwks;
  readonly password: string;
}

interface Credentials {
  readonly email?: string;
  readonly password?: string;
  readonly refresh_token?: string;
}

/** Gives PostgREST and a table of users Supabase's URL shape: enough of `/auth/v1` for stock supabase-js. For development only. */
export async function startFront(options: FrontOptions) {
  const { url, port, host, postgrestUrl, databaseUrl, signingKey, password } = options;
  const { jwks = publicJwks(signingKey) } = options;
  const tokens = createTokens(signingKey, `${url}/auth/v1`);
  const database = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  database.on('error', () => {}); // a lost idle connection is opened again
  const app = fastify();
  const headers = {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': '*',
  };
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    // A browser does not count Authorization among '*'.
    const wanted = request.headers['access-control-request-headers'];
    if (typeof wanted === 'string') reply.header('access-control-allow-headers', wanted);
    if (request.method === 'OPTIONS') return reply.code(204).send();
    setBearer(request.headers);
  });
  await app.register(httpProxy, { upstream: postgrestUrl, prefix: '/rest/v1', rewritePrefix: '' });

  async function userBy(email: string) {
    const text = `insert into auth.users (email) values ($1)
      on conflict (email) do update set email = excluded.email returning id, email, created_at`;
    const { rows } = await database.query<{ id: string; email: string; created_at: Date }>(text, [email]);
    const [row] = rows;
    if (!row) throw new Error('the user could not be made');
    return { ...row, aud: 'authenticated', role: 'authenticated', app_metadata: {}, user_metadata: {} };
  }
  /** By refresh token, each for one use. A restart forgets them. */
  const emails = new Map<string, string>();
  function emailOf({ email, password: given, refresh_token = '' }: Credentials): string | undefined {
    const known = emails.get(refresh_token);
    emails.delete(refresh_token);
    return given === password ? email : known;
  }
  async function session(email: string) {
    const user = await userBy(email);
    const access_token = await tokens.user(user);
    const refresh_token = randomUUID();
    emails.set(refresh_token, email);
    return { access_token, refresh_token, token_type: 'bearer', expires_in: 3600, user };
  }
  const keys = createRemoteJWKSet(new URL(`${url}/auth/v1/.well-known/jwks.json`));

  app.get('/auth/v1/.well-known/jwks.json', async () => jwks);
  app.post<{ Body: Credentials }>('/auth/v1/token', async ({ body }, reply) => {
    const email = emailOf(body);
    if (!email) {
      return reply
        .code(400)
        .send({ code: 400, error_code: 'invalid_credentials', msg: 'Invalid login credentials' });
    }
    return session(email);
  });
  app.get('/auth/v1/user', async ({ headers: { authorization = '' } }, reply) => {
    try {
      const { payload } = await jwtVerify(authorization.replace(/^Bearer /, ''), keys);
      return await userBy(String(payload['email']));
    } catch {
      return reply.code(401).send({ code: 401, error_code: 'bad_jwt', msg: 'invalid JWT' });
    }
  });
  app.post('/auth/v1/logout', async (_request, reply) => reply.code(204).send());
  await app.listen({ host, port });
  return {
    tokens,
    session,
    close: async () => {
      await app.close();
      await database.end();
    },
  };
}

/** A key that is a JWT speaks where no user does; an opaque one is never a bearer, not even where a client sends it as such. */
function setBearer(headers: IncomingHttpHeaders): void {
  const { apikey, authorization } = headers;
  if (typeof apikey !== 'string') return;
  const isJwt = /^[\w-]+\.[\w-]+\.[\w-]+$/.test(apikey);
  if (isJwt) headers.authorization ??= `Bearer ${apikey}`;
  else if (authorization === `Bearer ${apikey}`) delete headers.authorization;
}

if (import.meta.main) {
  const { FRONT_OPTIONS = '{}' } = process.env;
  await startFront(JSON.parse(FRONT_OPTIONS) as FrontOptions);
}
