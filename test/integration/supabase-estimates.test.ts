import { randomUUID } from 'node:crypto';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProject, type Project } from '../stack/fixture.ts';
import { query } from '../stack/postgres.ts';

// PostgREST tells the planner's estimates to whoever asks, and the planner knows of rows that the caller may not see.

const mandate = 'a mandate that one user sends often';
let project: Project;
let other: SupabaseClient;
let owner: string;
beforeAll(async () => {
  project = await createProject();
  other = createClient(project.url, project.anonKey, { auth: { persistSession: false } });
  await other.auth.signInWithPassword({ email: 'other@example.com', password: 'tickwork-demo' });
  owner = randomUUID();
  await query(
    project.superuserUrl,
    `insert into auth.users (id) values ('${owner}');
     insert into auth.users (id) select gen_random_uuid() from generate_series(1, 500);
     insert into public.tasks (correlation_id, user_id, mandate, error)
       select gen_random_uuid(), id, case when id = '${owner}' then '${mandate}' else n::text end, id::text
         from auth.users, generate_series(1, case when id = '${owner}' then 20000 else 10 end) n;
     insert into public.user_daily_usage (user_id, usage_date)
       select id, date '2026-01-01' + n
         from auth.users, generate_series(1, case when id = '${owner}' then 500 else 1 end) n;
     analyze`,
  );
});
afterAll(() => project.close());

const estimate = async (table: string, filter: Readonly<Record<string, string>>) => {
  const asked = other.from(table).select('*', { count: 'planned', head: true });
  for (const [condition, value] of Object.entries(filter)) {
    const [column = '', operator = ''] = condition.split(' ');
    asked.filter(column, operator, value);
  }
  const { count, error } = await asked;
  if (error) throw new Error(error.message);
  return count;
};

test.each([
  ['tasks', 'user_id'],
  ['user_daily_usage', 'user_id'],
])('of %s by %s an estimate is the same for another user and for none', async (table, column) => {
  const [theirs, none] = [owner, randomUUID()].map((id) => estimate(table, { [`${column} eq`]: id }));
  expect(await theirs).toBe(await none);
});

test.each([
  ['mandate', mandate],
  ['error', () => owner],
])('of tasks by %s it is the same for one that another sent and for none', async (column, given) => {
  const value = typeof given === 'string' ? given : given();
  expect(await estimate('tasks', { [`${column} eq`]: value })).toBe(
    await estimate('tasks', { [`${column} eq`]: randomUUID() }),
  );
});

test.each(['id', 'correlation_id', 'user_id', 'created_at', 'updated_at'])(
  'ranges of %s lead to nothing that is there',
  async (column) => {
    const points = column.endsWith('_at')
      ? ['2000-01-01', '2026-01-01', '2200-01-01']
      : ['0', '4', '8', 'c', 'f'].map((digit) => `${digit}0000000-0000-4000-8000-000000000000`);
    const counts = await Promise.all(points.map((point) => estimate('tasks', { [`${column} lt`]: point })));
    expect(new Set(counts).size).toBe(1);
  },
);
