import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { inject } from 'vitest';
import { startFront } from '../front/front.ts';
import { generateSigningKey, publicJwks } from '../front/tokens.ts';
import { closeLater } from './close-later.ts';
import { freePort } from './ports.ts';
import { createDatabase, query } from './postgres.ts';
import { startPostgrest } from './postgrest.ts';
import { demoPassword } from './sign-in.ts';
import { stackFolder, stop } from './state.ts';

/** A migrated database of a test's own, on the server that all share. */
export async function createSupabase() {
  const { superuserUrl: shared } = inject('services');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await createDatabase(shared, name);
  const urlOf = (role: string) => {
    const url = new URL(shared);
    url.username = role;
    url.pathname = `/${name}`;
    return url.href;
  };
  return {
    superuserUrl: urlOf('supabase_admin'),
    databaseUrl: urlOf('postgres'),
    authenticatorUrl: urlOf('authenticator'),
    close: async () => void (await query(shared, `drop database ${name} with (force)`)),
  };
}

export interface ProjectOptions {
  /** Whose tokens count too. */
  readonly otherKeys?: readonly JWK[];
}

export type Project = Awaited<ReturnType<typeof createProject>>;

/**
 * A Supabase project of a test's own: a database, PostgREST and the front server, so that no other test's reconciler sees its tasks.
 * Closed where the start fails half way; a second close does nothing.
 */
export async function createProject({ otherKeys = [] }: ProjectOptions = {}) {
  mkdirSync(stackFolder, { recursive: true });
  const folder = mkdtempSync(join(stackFolder, 'test-project-'));
  await using starting = new AsyncDisposableStack();
  starting.defer(() => rmSync(folder, { recursive: true, force: true }));
  const database = await closeLater(starting, createSupabase());
  const signingKey = await generateSigningKey();
  const postgrest = await startPostgrest({
    folder,
    port: await freePort(),
    databaseUrl: database.authenticatorUrl,
    jwks: publicJwks(signingKey, ...otherKeys),
  });
  starting.defer(async () => void (await stop(postgrest.child)));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const options = {
    url,
    port,
    host: '127.0.0.1',
    postgrestUrl: postgrest.url,
    databaseUrl: database.superuserUrl,
    signingKey,
    jwks: publicJwks(signingKey, ...otherKeys.filter(({ kty }) => kty !== 'oct')),
    password: demoPassword,
  };
  const front = await closeLater(starting, startFront(options));
  const all = starting.move();
  return {
    url,
    signingKey,
    anonKey: await front.tokens.anon(),
    reconcilerToken: await front.tokens.reconciler(),
    superuserUrl: database.superuserUrl,
    databaseUrl: database.databaseUrl,
    close: () => all.disposeAsync(),
  };
}
