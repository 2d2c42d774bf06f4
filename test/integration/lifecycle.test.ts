import { isFinal, type Status, statuses } from '@tickwork/task/status';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { become, createDatabase, type Database, type TestTask, update, user } from './supabase-database.ts';

let database: Database;
let task: TestTask;
beforeAll(async () => {
  database = await createDatabase();
  task = await database.insertTask();
});
afterAll(() => database.close());

test('the database knows the same statuses as the domain, and the same final ones', async () => {
  const { rows } = await database.query(
    "select pg_get_constraintdef(oid) as rule from pg_constraint where conname = 'tasks_status_known'",
  );
  const known = [...String(rows[0]?.['rule']).matchAll(/'(\w+)'/g)].map(([, name]) => name);
  expect(known).toEqual([...statuses]);
  const answers = await database.query(
    'select s, internal.is_final(s) as final from unnest($1::text[]) as s order by array_position($1, s)',
    [statuses],
  );
  expect(answers.rows).toEqual(statuses.map((status) => ({ s: status, final: isFinal(status) })));
});

const pairs = statuses.flatMap((from) => statuses.map((to) => ({ from, to })));
const place = (status: Status) => (isFinal(status) ? 4 : statuses.indexOf(status));

/** The row's status after `from` was set past all guards, and then `to` by a caller; undone in the end. */
async function move(from: Status, write: (query: Database['query']) => Promise<unknown>): Promise<unknown> {
  return database.transaction(async (query) => {
    await query('set local session_replication_role = replica');
    await query('update public.tasks set status = $1 where id = $2', [from, task.id]);
    await query('set local session_replication_role = origin');
    await write(query);
    await query('reset role');
    const { rows } = await query('select status from public.tasks where id = $1', [task.id]);
    return rows[0]?.['status'];
  }, 'rollback');
}

describe.each(pairs)('from $from to $to', ({ from, to }) => {
  test('its owner goes forward alone, in Supabase itself, and never from a final status', async () => {
    const moved = move(from, async (query) => {
      await become(query, user(task.userId));
      await query('update public.tasks set status = $1 where id = $2', [to, task.id]);
    });
    if (isFinal(from)) await expect(moved).rejects.toMatchObject({ code: 'PT409' });
    else if (place(to) < place(from)) await expect(moved).rejects.toMatchObject({ code: 'PT422' });
    else expect(await moved).toBe(to);
  });

  test('a sync follows the record wherever it is, and never from a final status', async () => {
    const moved = move(from, async (query) => {
      await become(query, { role: 'task_reconciler' });
      const sent = JSON.stringify([update(task, to, task.stamp + 1)]);
      await query('select public.sync_tasks($1)', [sent]);
    });
    expect(await moved).toBe(isFinal(from) ? from : to);
  });
});
