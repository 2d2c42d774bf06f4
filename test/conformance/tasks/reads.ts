import { randomUUID } from 'node:crypto';
import type { ActiveRow } from '@tickwork/task/ports';
import { describe, expect, test } from 'vitest';
import { waitFor } from '../../stack/wait-for.ts';
import { open, rowOf, type Submitted, secondUs, submit, type TasksUnderTest, update } from './given.ts';

export function describeUserReads(tasks: () => TasksUnderTest): void {
  test('a task is found by its correlation_id and by its row’s id', async () => {
    const user = await tasks().newUser();
    const { stamp: _, ...row } = await submit(user);
    await submit(user);
    for (const name of [row.correlationId, row.id]) expect(await user.tasks.find(name, open)).toEqual(row);
    expect(await user.tasks.find(randomUUID(), open)).toBeNull();
    await expect(user.tasks.find('c1', open)).rejects.toMatchObject({ code: 'invalid' });
  });

  test('[I4] another’s task is no task', async () => {
    const [user, other] = [await tasks().newUser(), await tasks().newUser()];
    const row = await submit(user);
    for (const name of [row.correlationId, row.id]) expect(await other.tasks.find(name, open)).toBeNull();
    expect(await other.tasks.list({ limit: 10 }, open)).toEqual([]);
  });

  test('a list has the newest first, and no more than was asked for', async () => {
    const user = await tasks().newUser();
    const rows: Submitted[] = [];
    for (let count = 0; count < 4; count++) rows.unshift(await submit(user));
    const names = (await user.tasks.list({ limit: 3 }, open)).map(({ correlationId }) => correlationId);
    expect(names).toEqual(rows.slice(0, 3).map(({ correlationId }) => correlationId));
  });

  test('a call that was given up asks nothing', async () => {
    const user = await tasks().newUser();
    const gone = AbortSignal.abort();
    const row = await submit(user);
    const unavailable = { code: 'supabase_unavailable' };
    await expect(user.tasks.find(row.id, gone)).rejects.toMatchObject(unavailable);
    await expect(user.tasks.list({ limit: 1 }, gone)).rejects.toMatchObject(unavailable);
    const sync = user.tasks.sync(update(row, 'started', row.stamp + 1), gone);
    await expect(sync).rejects.toMatchObject(unavailable);
    expect(await rowOf(user, row.correlationId)).toEqual(row);
  });
}

export function describeReconcilerReads(tasks: () => TasksUnderTest): void {
  describe('readRows', () => {
    test('gives the rows that are there', async () => {
      const user = await tasks().newUser();
      const row = await submit(user);
      const absent = { correlationId: randomUUID(), id: randomUUID() };
      const { id, correlationId, userId, mandate, maxTicks, status, stamp: updatedAt } = row;
      expect(await tasks().reconciler.readRows([absent, row], open)).toEqual(
        new Map([[correlationId, { id, correlationId, userId, mandate, maxTicks, status, updatedAt }]]),
      );
    });

    test('[I4] a row counts only under both its names', async () => {
      const user = await tasks().newUser();
      const [one, two] = [await submit(user), await submit(user)];
      const crossed = { correlationId: one.correlationId, id: two.id };
      expect(await tasks().reconciler.readRows([crossed], open)).toEqual(new Map());
    });

    test('takes up to 1000 keys', async () => {
      const keys = Array.from({ length: 1001 }, () => ({ correlationId: randomUUID(), id: randomUUID() }));
      await expect(tasks().reconciler.readRows(keys.slice(1), open)).resolves.toEqual(new Map());
      await expect(tasks().reconciler.readRows(keys, open)).rejects.toMatchObject({ code: 'invalid' });
    });
  });

  describe('activeRows', () => {
    const walk = async (minAgeMs: number, limit: number) => {
      const rows: ActiveRow[] = [];
      for (let full = true; full; ) {
        const after = rows.at(-1)?.correlationId ?? '';
        const page = await tasks().reconciler.activeRows(after, minAgeMs, limit, open);
        rows.push(...page);
        full = page.length === limit;
      }
      return rows;
    };
    const names = async (minAgeMs: number) =>
      (await walk(minAgeMs, 1000)).map(({ correlationId }) => correlationId);

    test('walks what is not final, page by page, each row once and in order', async () => {
      const user = await tasks().newUser();
      const rows = [await submit(user), await submit(user), await submit(user), await submit(user)];
      await user.owner.cancel(rows[0]?.correlationId ?? '');
      const wanted = rows
        .slice(1)
        .map(({ id, correlationId, userId, status, stamp: updatedAt }) => ({
          ...{ id, correlationId, userId, status, updatedAt },
        }))
        .toSorted((a, b) => (a.correlationId < b.correlationId ? -1 : 1));
      expect((await walk(0, 2)).filter(({ userId }) => userId === user.id)).toEqual(wanted);
    });

    test('[I7] leaves out what is young, by the database’s clock, but not what is stamped ahead of it', async () => {
      const user = await tasks().newUser();
      const [young, ahead] = [await submit(user), await submit(user)];
      await tasks().reconciler.syncBatch([update(ahead, 'started', ahead.stamp + 3600 * secondUs)], open);
      const found = await names(3_000_000);
      expect(found).toContain(ahead.correlationId);
      expect(found).not.toContain(young.correlationId);
      await waitFor('the row to be old enough', async () => (await names(100)).includes(young.correlationId));
    });

    test.each([
      ['a negative age', -1, 10],
      ['half an age', 1.5, 10],
      ['an empty page', 0, 0],
      ['a page too large', 0, 1001],
    ])('refuses %s', async (_, minAgeMs, limit) => {
      const call = tasks().reconciler.activeRows('', minAgeMs, limit, open);
      await expect(call).rejects.toMatchObject({ code: 'invalid' });
    });
  });
}
