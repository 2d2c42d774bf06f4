import { randomUUID } from 'node:crypto';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Target, type Verb, verbs } from './isolation-verbs.ts';
import { createWorld, states, type World } from './isolation-world.ts';

// The same without the gateway: what stock supabase-js can be made to tell of another's rows, or to do to them.

let world: World;
let before: unknown;
beforeAll(async () => {
  world = await createWorld();
  before = await world.state();
}, 120_000);
afterAll(() => world.close());
afterEach(async () => expect(await world.state()).toEqual(before));

/** What came over the wire, with the names of what was asked for taken out. */
async function tryOut(verb: Verb, target: Target, token: string) {
  const { url, anonKey } = world.project;
  const wire: unknown[] = [];
  const listening: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const headers = [...response.headers].filter(([name]) => name !== 'date');
    wire.push({ status: response.status, headers, body: await response.clone().text() });
    return response;
  };
  const client = createClient(url, anonKey, {
    global: { fetch: listening },
    ...(token ? { accessToken: async () => token } : { auth: { persistSession: false } }),
  });
  const answer = await verb(client, target);
  const text = JSON.stringify({ answer, wire });
  const names = Object.values(target).reduce((rest, name) => rest.replaceAll(name, '…'), text);
  return { answer: answer as { status: number; error: unknown; data: unknown }, told: names, text };
}

const absent = (): Target => ({ id: randomUUID(), correlation_id: randomUUID(), user_id: randomUUID() });

describe.each(Object.entries(verbs))('%s', (_name, verb) => {
  test('tells another user of each task what it tells of none', async () => {
    const { token } = world.other;
    const none = await tryOut(verb, absent(), token);
    for (const state of states) {
      const target = { ...world.tasks[state], user_id: world.ownerId };
      const theirs = await tryOut(verb, target, token);
      expect(theirs.told, state).toBe(none.told);
      expect(theirs.text).not.toContain(world.secret);
    }
  });

  test('is refused to nobody', async () => {
    const target = { ...world.tasks.completed, user_id: world.ownerId };
    for (const [name, token] of Object.entries(world.nobody)) {
      const theirs = await tryOut(verb, target, token);
      expect([401, 403], name).toContain(theirs.answer.status);
      expect(theirs.answer, name).toMatchObject({ error: expect.anything(), data: null });
      expect(theirs.told, name).toBe((await tryOut(verb, absent(), token)).told);
    }
  });
});

describe('under a name that is taken', () => {
  const row = async () => {
    const { data } = await world.other.supabase.auth.getUser(world.other.token);
    return { correlation_id: world.tasks.completed.correlation_id, user_id: data.user?.id, mandate: 'mine' };
  };
  const tasks = (client: SupabaseClient) => client.from('tasks');

  test('an insert tells no more than that', async () => {
    const { error, status } = await tasks(world.other.supabase)
      .insert(await row())
      .select();
    expect([status, error]).toMatchObject([409, { code: '23505', details: null }]);
    expect(JSON.stringify(error)).not.toContain(world.secret);
  });

  test('an upsert neither changes the row nor shows it', async () => {
    const onConflict = { onConflict: 'correlation_id' };
    const upsert = await tasks(world.other.supabase)
      .upsert(await row(), onConflict)
      .select();
    expect(upsert).toMatchObject({ status: 403, data: null, error: { code: '42501' } });
    const ignored = await tasks(world.other.supabase)
      .upsert(await row(), { ...onConflict, ignoreDuplicates: true })
      .select();
    expect(ignored).toMatchObject({ data: [], error: null });
  });

  test('the id of a row can’t be taken', async () => {
    const { id } = world.tasks.completed;
    const own = { ...(await row()), id, correlation_id: randomUUID() };
    const { data } = await tasks(world.other.supabase).upsert(own).select('id').single();
    expect(data?.id).not.toBe(id);
  });
});
