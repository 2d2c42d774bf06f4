import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import type { FrontOptions } from '../front/front.ts';
import { createTokens, generateSigningKey, publicJwks } from '../front/tokens.ts';
import type { Ports } from './ports.ts';
import { migrate, startPostgres } from './postgres.ts';
import { startPostgrest } from './postgrest.ts';
import { ensure } from './processes.ts';
import { demoPassword } from './sign-in.ts';
import { writeWhole } from './state.ts';

/** A Supabase of the stack's own: PostgreSQL, PostgREST and the front server. Returns what make up makes known of it. */
export async function startSupabase(folder: string, ports: Ports): Promise<Record<string, string>> {
  const postgres = await startPostgres({ folder, port: ports.POSTGRES_PORT, durable: true });
  await migrate(postgres.url('supabase_admin'), postgres.url('postgres'));
  const url = `http://127.0.0.1:${ports.SUPABASE_PORT}`;
  const { signingKey, anonKey } = await readKeys(join(folder, 'supabase-keys.json'), url);
  const databaseUrl = postgres.url('authenticator');
  const rest = { folder, port: ports.POSTGREST_PORT, databaseUrl, jwks: publicJwks(signingKey) };
  const postgrest = await startPostgrest(rest);
  await startFrontProcess(folder, {
    url,
    port: ports.SUPABASE_PORT,
    host: '127.0.0.1',
    postgrestUrl: postgrest.url,
    databaseUrl: postgres.url('supabase_admin'),
    signingKey,
    password: demoPassword,
  });
  const tokenFile = join(folder, 'reconciler.token');
  writeWhole(tokenFile, await createTokens(signingKey, `${url}/auth/v1`).reconciler());
  return {
    SUPABASE_URL: url,
    SUPABASE_ANON_KEY: anonKey,
    SUPABASE_RECONCILER_TOKEN_FILE: tokenFile,
    SUPABASE_DB_URL: postgres.url('postgres'),
  };
}

async function startFrontProcess(folder: string, options: FrontOptions): Promise<void> {
  const { url, port } = options;
  const jwks = `${url}/auth/v1/.well-known/jwks.json`;
  await ensure({
    name: 'front',
    folder,
    address: url,
    ports: [port],
    program: process.execPath,
    arguments: [join(import.meta.dirname, '../front/front.ts')],
    env: { FRONT_OPTIONS: JSON.stringify(options) },
    answers: async () => (await fetch(jwks, { signal: AbortSignal.timeout(2000) })).ok,
  });
}

interface Keys {
  readonly signingKey: JWK;
  readonly anonKey: string;
}

/** Made once: who sourced `.stack/env` goes on with the same. */
async function readKeys(file: string, url: string): Promise<Keys> {
  if (!existsSync(file)) {
    const signingKey = await generateSigningKey();
    const anonKey = await createTokens(signingKey, `${url}/auth/v1`).anon();
    writeWhole(file, JSON.stringify({ signingKey, anonKey }));
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}
