import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import type { JWK } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthenticate } from '../../services/gateway/src/http/authenticate.ts';
import { createSupabaseClient } from '../../services/gateway/src/supabase/client.ts';
import { checkSchema, neededMigration } from '../../services/gateway/src/supabase/schema-version.ts';
import {
  probeTasks,
  SupabaseTaskStorage,
} from '../../services/gateway/src/supabase/supabase-task-storage.ts';
import { createTokens, generateSigningKey, legacyKey } from '../front/tokens.ts';
import { createProject, type Project } from '../stack/fixture.ts';

// A project in the midst of its rotations: from the secret to a key, and from that to the next.
const secret = `secret-${randomUUID()}`;
const former = await generateSigningKey();
const { signal } = new AbortController();
let project: Project;
let client: ReturnType<typeof createSupabaseClient>;
beforeAll(async () => {
  project = await createProject({ otherKeys: [legacyKey(secret), former] });
  client = createSupabaseClient({ url: project.url, anonKey: 'sb_publishable_abc' });
});
afterAll(() => project.close());

const issuer = () => `${project.url}/auth/v1`;
async function newUser() {
  const { auth } = createClient(project.url, project.anonKey, { auth: { persistSession: false } });
  const email = `${randomUUID()}@example.com`;
  const { data } = await auth.signInWithPassword({ email, password: 'tickwork-demo' });
  return { id: data.user?.id ?? '', email };
}

test.each<[string, () => JWK]>([
  ['the legacy secret', () => legacyKey(secret)],
  ['the former key', () => former],
  ['the current key', () => project.signingKey],
])('a token signed by %s is its user’s, to the gateway and to PostgREST', async (_name, key) => {
  const user = await newUser();
  const token = await createTokens(key(), issuer()).user(user);
  const authenticate = createAuthenticate({ supabaseUrl: project.url, secret });
  expect(await authenticate(`Bearer ${token}`)).toMatchObject({ id: user.id, token });
  const storage = new SupabaseTaskStorage(client, () => token);
  const correlationId = randomUUID();
  await storage.insert({ correlationId, userId: user.id, mandate: 'One.', maxTicks: 1 });
  expect(await storage.list({ limit: 10 }, signal)).toMatchObject([{ correlationId, userId: user.id }]);
});

test('a token signed by another key is nobody’s', async () => {
  const token = await createTokens(await generateSigningKey(), issuer()).user(await newUser());
  const authenticate = createAuthenticate({ supabaseUrl: project.url, secret });
  await expect(authenticate(`Bearer ${token}`)).rejects.toMatchObject({ code: 'unauthenticated' });
  const storage = new SupabaseTaskStorage(client, () => token);
  await expect(storage.list({ limit: 1 }, signal)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('what health asks is answered to an opaque key and to a legacy one', async () => {
  const legacy = await createTokens(legacyKey(secret), issuer()).anon();
  for (const anonKey of ['sb_publishable_abc', legacy, project.anonKey]) {
    const asking = createSupabaseClient({ url: project.url, anonKey });
    await expect(probeTasks(asking, signal)).resolves.toBeUndefined();
    expect(await checkSchema({ client: asking, signal })).toBe(neededMigration);
  }
});

test.each<[string, () => string]>([
  ['a signing key', () => JSON.stringify(project.signingKey)],
  ['the legacy secret', () => secret],
])('the token that the tool makes by %s is the reconciler’s', async (_name, key) => {
  const tool = resolve(import.meta.dirname, '../../supabase/reconciler-token.ts');
  const env = { PATH: process.env['PATH'] ?? '' };
  const token = execFileSync(process.execPath, [tool], { input: key(), env, encoding: 'utf8' }).trimEnd();
  const reconciler = new SupabaseTaskStorage(client, () => token);
  // Granted to that role alone; and no other role lacks this one.
  await expect(reconciler.activeRows('', 0, 10, signal)).resolves.toBeInstanceOf(Array);
  await expect(reconciler.list({ limit: 1 }, signal)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await checkSchema({ client, signal, accessToken: token })).toBe(neededMigration);
});
