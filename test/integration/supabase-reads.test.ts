import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createDatabase,
  type Database,
  dayUs,
  type Row,
  reconciler,
  type TestTask,
  update,
} from './supabase-database.ts';

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.close());

async function call(sql: string, ...parameters: unknown[]): Promise<Row[]> {
  const { rows } = await database.as(reconciler, `select public.${sql} as answer`, parameters);
  return rows[0]?.['answer'] as Row[];
}
const read = (keys: unknown) => call('read_tasks($1)', JSON.stringify(keys));
const key = ({ correlationId, id }: TestTask) => ({ correlation_id: correlationId, id });
const mandateless = { user_id: null, mandate: null, max_ticks: null, status: null, updated_us: null };

describe('read_tasks', () => {
  test('answers each key in its order, by both its names', async () => {
    const [one, two] = [await database.insertTask(), await database.insertTask()];
    const found = (task: TestTask) => ({
      ...key(task),
      outcome: 'found',
      user_id: task.userId,
      mandate: 'a mandate',
      max_ticks: 50,
      status: 'pending',
      updated_us: task.stamp,
    });
    const crossed = { correlation_id: one.correlationId, id: two.id };
    const unnamed = { correlation_id: one.correlationId, id: null };
    expect(await read([key(two), crossed, unnamed, key(one)])).toEqual([
      found(two),
      { ...crossed, outcome: 'missing', ...mandateless },
      { ...unnamed, outcome: 'missing', ...mandateless },
      found(one),
    ]);
  });

  test('takes a list of up to 1000 keys', async () => {
    const keys = Array.from({ length: 1001 }, () => ({ correlation_id: randomUUID(), id: randomUUID() }));
    expect(await read(keys.slice(1))).toHaveLength(1000);
    await expect(read(keys)).rejects.toMatchObject({ code: 'PT413' });
    await expect(read({})).rejects.toMatchObject({ code: 'PT400' });
    await expect(call('read_tasks(null)')).rejects.toMatchObject({ code: 'PT400' });
    expect(await read([])).toEqual([]);
  });
});

describe('active_tasks', () => {
  const walk = async (minAgeMs: number, pageSize: number) => {
    const seen: Row[] = [];
    for (let after = ''; ; ) {
      const page = await call('active_tasks($1, $2, $3)', after, minAgeMs, pageSize);
      seen.push(...page);
      if (page.length < pageSize) return seen;
      after = String(page.at(-1)?.['correlation_id']);
    }
  };
  const names = async (minAgeMs = 0) => (await walk(minAgeMs, 1000)).map((row) => row['correlation_id']);

  test('walks what is not final, page by page, each row once and in order', async () => {
    const owner = await database.createUser();
    const tasks = await Promise.all(Array.from({ length: 7 }, () => database.insertTask(owner)));
    const [ended, ...active] = tasks as [TestTask, ...TestTask[]];
    await database.syncTasks([update(ended, 'cancelled', ended.stamp + 1)]);
    const rows = (await walk(0, 2)).filter((row) => row['user_id'] === owner);
    const wanted = active.toSorted((a, b) => (a.correlationId < b.correlationId ? -1 : 1));
    expect(rows).toEqual(
      wanted.map((task) => ({ ...key(task), user_id: owner, status: 'pending', updated_us: task.stamp })),
    );
  });

  test('leaves out what is young, but not what is stamped ahead of the clock', async () => {
    const [young, old, ahead] = [
      await database.insertTask(),
      await database.insertTask(),
      await database.insertTask(),
    ];
    await database.transaction(async (query) => {
      await query("set local app.task_sync = 'on'");
      const stamp = 'update public.tasks set updated_at = internal.from_us($2) where id = $1';
      await query(stamp, [old.id, old.stamp - dayUs]);
      await query(stamp, [ahead.id, ahead.stamp + dayUs]);
    });
    const found = await names(60_000);
    expect(found).toContain(old.correlationId);
    expect(found).toContain(ahead.correlationId);
    expect(found).not.toContain(young.correlationId);
    expect(await names(0)).toContain(young.correlationId);
  });

  test.each([
    ['no place to begin', null, 0, 10],
    ['a negative age', '', -1, 10],
    ['no age', '', null, 10],
    ['an empty page', '', 0, 0],
    ['a page too large', '', 0, 1001],
    ['no page size', '', 0, null],
  ])('refuses %s', async (_, ...given) => {
    await expect(call('active_tasks($1, $2, $3)', ...given)).rejects.toMatchObject({ code: 'PT400' });
  });
});
