import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createDatabase, type Database, reconciler, type TestTask, update } from './supabase-database.ts';

let database: Database;
let task: TestTask;
beforeAll(async () => {
  database = await createDatabase();
  task = await database.insertTask();
});
afterAll(() => database.close());

async function blocked(): Promise<void> {
  await vi.waitFor(async () => {
    const { rowCount } = await database.query(
      "select 1 from pg_locks where not granted and relation = 'public.tasks'::regclass",
    );
    expect(rowCount).toBe(1);
  });
}

// The call's own snapshot is older than the change here: a check that looked with it would see the policy and answer missing.
test.each([
  ['sync_tasks', 'select public.sync_tasks($1) as answer'],
  ['read_tasks', 'select public.read_tasks($1) as answer'],
])('%s sees a policy that was dropped while it waited for the table', async (_, call) => {
  const sent = JSON.stringify([update(task, 'started', task.stamp + 1)]);
  let answer: Promise<unknown> = Promise.resolve();
  await database.transaction(async (query) => {
    await query('drop policy tasks_select_reconciler on public.tasks');
    answer = database.as(reconciler, call, [sent]).catch((error) => error);
    await blocked();
  });
  expect(await answer).toMatchObject({ code: 'PT503' });
  await database.query(
    'create policy tasks_select_reconciler on public.tasks for select to task_reconciler using (true)',
  );
  const { rows } = await database.as(reconciler, call, [sent]);
  expect(rows).toMatchObject([{ answer: [{ outcome: expect.stringMatching(/applied|found/) }] }]);
});
