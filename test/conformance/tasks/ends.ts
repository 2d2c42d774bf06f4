import { stampFromTimestamp } from '@tickwork/task/stamp';
import { expect, test } from 'vitest';
import { open, rowOf, submit, type TasksUnderTest, update } from './given.ts';

/** How a user ends a task through the gateway: by the row's own id. */
export function describeEnds(tasks: () => TasksUnderTest): void {
  test('[I2] a cancelled row is final, and is answered with its new stamp', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const cancelled = await user.tasks.cancel(row.id);
    expect(cancelled).toMatchObject({ id: row.id, status: 'cancelled' });
    expect(stampFromTimestamp(cancelled?.updatedAt ?? '')).toBeGreaterThan(row.stamp);
    await expect(user.tasks.cancel(row.id)).rejects.toMatchObject({ code: 'task_ended' });
  });

  test('[I2] a row that has completed is not cancelled', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    await tasks().reconciler.syncBatch([update(row, 'completed', row.stamp + 1)], open);
    await expect(user.tasks.cancel(row.id)).rejects.toMatchObject({ code: 'task_ended' });
    expect(await rowOf(user, row.correlationId)).toMatchObject({ status: 'completed' });
  });

  test('a removed row is answered as it was, and is gone', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    expect(await user.tasks.remove(row.id)).toMatchObject({ id: row.id, status: 'pending' });
    expect(await user.tasks.remove(row.id)).toBeNull();
    expect(await rowOf(user, row.correlationId)).toBeNull();
  });

  test('[I4] another’s row is not there to be ended', async () => {
    const [user, other] = [await tasks().newUser(), await tasks().newUser()];
    const row = await submit(user);
    expect(await other.tasks.cancel(row.id)).toBeNull();
    expect(await other.tasks.remove(row.id)).toBeNull();
    expect(await rowOf(user, row.correlationId)).toEqual(row);
  });
}

/** A list by pages and filters. */
export function describeLists(tasks: () => TasksUnderTest): void {
  test('pages meet every row once, newest first', async () => {
    const user = await tasks().newUser();
    const rows = [await submit(user), await submit(user), await submit(user)];
    const met: string[] = [];
    let after: { createdAt: number; id: string } | undefined;
    for (;;) {
      const page = await user.tasks.list({ limit: 2, after }, open);
      met.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (!last || page.length < 2) break;
      after = { createdAt: stampFromTimestamp(last.createdAt), id: last.id };
    }
    const newestFirst = rows.toSorted((a, b) => b.stamp - a.stamp || (a.id < b.id ? 1 : -1));
    expect(met).toEqual(newestFirst.map(({ id }) => id));
  });

  test('filters by status and time are met by the count too', async () => {
    const user = await tasks().newUser();
    const [first, second] = [await submit(user), await submit(user)];
    await user.tasks.cancel(first.id);
    const ids = [first.id, second.id].sort();
    const filters = [
      { statuses: ['cancelled'] as const, wanted: [first.id] },
      { statuses: ['pending', 'accepted'] as const, wanted: [second.id] },
      { createdAfter: stampFromTimestamp(first.createdAt) - 1, wanted: ids },
      { createdBefore: stampFromTimestamp(second.createdAt) + 1, wanted: ids },
      { createdAfter: stampFromTimestamp(second.createdAt), wanted: [] },
      { createdBefore: stampFromTimestamp(first.createdAt), wanted: [] },
    ];
    for (const { wanted, ...filter } of filters) {
      const listed = await user.tasks.list({ limit: 10, ...filter }, open);
      expect(listed.map(({ id }) => id).sort()).toEqual(wanted);
      expect(await user.tasks.count(filter, open)).toBe(wanted.length);
    }
  });

  test('[quota] the quota tells what the day has left', async () => {
    const user = await tasks().newUser();
    const before = await user.tasks.quota(open);
    await submit(user);
    const { resetsAt, ...quota } = await user.tasks.quota(open);
    expect(quota).toEqual({ limit: before.limit, used: before.used + 1, left: before.left - 1 });
    expect(resetsAt).toMatch(/^\d{4}-\d\d-\d\dT00:00:00Z$/);
  });
}
