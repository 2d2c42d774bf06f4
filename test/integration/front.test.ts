import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProject, type Project } from '../stack/fixture.ts';

let project: Project;
beforeAll(async () => {
  project = await createProject();
});
afterAll(() => project.close());

const newClient = (key = project.anonKey) =>
  createClient(project.url, key, { auth: { persistSession: false } });

test('a refresh token is no e-mail address, and serves once', async () => {
  const { auth } = newClient();
  const email = `${randomUUID()}@example.com`;
  const signedIn = await auth.signInWithPassword({ email, password: 'tickwork-demo' });
  const refresh_token = signedIn.data.session?.refresh_token ?? '';
  expect((await auth.refreshSession({ refresh_token: email })).error).toMatchObject({ status: 400 });
  const refreshed = await auth.refreshSession({ refresh_token });
  expect(refreshed.data.user?.email).toBe(email);
  expect(refreshed.data.session?.refresh_token).not.toBe(refresh_token);
  expect((await newClient().auth.refreshSession({ refresh_token })).error).toMatchObject({ status: 400 });
});

test('a wrong password is refused', async () => {
  const wrong = { email: 'someone@example.com', password: 'wrong' };
  expect((await newClient().auth.signInWithPassword(wrong)).error).toMatchObject({ status: 400 });
});

test('an opaque key is no bearer: who comes with it is anonymous; a bearer that is none is still refused', async () => {
  const opaque = 'sb_publishable_abc';
  const { error, status } = await newClient(opaque).from('tasks').select();
  const jwt = await newClient().from('tasks').select();
  expect([status, error?.code]).toEqual([jwt.status, jwt.error?.code]);
  expect(status).not.toBe(400);
  const alone = { apikey: opaque };
  const root = `${project.url}/rest/v1/tasks`;
  expect((await fetch(root, { headers: alone })).status).toBe(jwt.status);
  const broken = await fetch(root, { headers: { ...alone, authorization: 'Bearer abc' } });
  expect(await broken.json()).toMatchObject({ code: 'PGRST301' });
});
