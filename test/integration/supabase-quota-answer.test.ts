import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProject, type Project } from '../stack/fixture.ts';
import { query } from '../stack/postgres.ts';

let project: Project;
beforeAll(async () => {
  project = await createProject();
  await query(project.databaseUrl, 'update internal.settings set daily_tick_limit = 1');
});
afterAll(() => project.close());

test('stock supabase-js is told of a quota that is used up: 429, Retry-After and what is left', async () => {
  const answers: Response[] = [];
  const recording: typeof fetch = async (...given) => {
    const answer = await fetch(...given);
    answers.push(answer);
    return answer;
  };
  const client = createClient(project.url, project.anonKey, {
    auth: { persistSession: false },
    global: { fetch: recording },
  });
  const email = `${randomUUID()}@example.com`;
  const { data } = await client.auth.signInWithPassword({ email, password: 'tickwork-demo' });
  const user_id = data.user?.id;
  const profile = await client.from('profiles').insert({ user_id, email, daily_tick_limit: 6 });
  expect(profile.error).toBeNull();
  const shown = await client.from('profiles').select('daily_tick_limit').eq('user_id', user_id);
  expect(shown.data).toEqual([{ daily_tick_limit: 1 }]);

  const submit = () => client.from('tasks').insert({ correlation_id: randomUUID(), user_id, mandate: 'm' });
  expect((await submit()).error).toBeNull();
  const today = new Date().toISOString().slice(0, 10);
  const usage = client.from('user_daily_usage').select('ticks_used');
  expect((await usage.eq('user_id', user_id).eq('usage_date', today)).data).toEqual([{ ticks_used: 1 }]);

  const { error, status } = await submit();
  expect(status).toBe(429);
  expect(error?.code).toBe('TW429');
  expect(JSON.parse(error?.details ?? '')).toMatchObject({
    limit: 1,
    used: 1,
    left: 0,
    kind: 'daily',
    retry_after: expect.any(Number),
  });
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
});
