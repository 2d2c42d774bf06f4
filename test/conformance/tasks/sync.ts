import { randomUUID } from 'node:crypto';
import type { Status } from '@tickwork/task/status';
import type { TaskUpdate } from '@tickwork/task/task';
import { expect, test } from 'vitest';
import {
  dayUs,
  newTask,
  open,
  rowOf,
  type Submitted,
  submit,
  type TasksUnderTest,
  type TestUser,
  update,
} from './given.ts';

/** What is the same for a user's sync and the reconciler's: the compare-and-set. */
export function describeCompareAndSet(tasks: () => TasksUnderTest): void {
  /** Syncs as one of the two, and gives the row as it then stands. */
  async function sync(as: string, user: TestUser, sent: TaskUpdate): Promise<Submitted | null> {
    const { reconciler } = tasks();
    const call = as === 'user' ? user.tasks.sync(sent, open) : reconciler.syncBatch([sent], open);
    await expect(call).resolves.toBeDefined();
    return rowOf(user, sent.correlationId);
  }
  const each = test.each(['user', 'reconciler']);

  each('[I1] a newer stamp is taken and kept, by the %s', async (as) => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const more = { tick: 7, result: '{"notes": "half way"}' };
    expect(await sync(as, user, update(row, 'in_progress', row.stamp + 5, more))).toEqual({
      ...row,
      status: 'in_progress',
      tick: 7,
      result: { notes: 'half way' },
      updatedAt: expect.any(String),
      stamp: row.stamp + 5,
    });
  });

  each('[I2] an older stamp changes nothing, by the %s', async (as) => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const newer = await sync(as, user, update(row, 'in_progress', row.stamp + 5, { tick: 5 }));
    expect(await sync(as, user, update(row, 'started', row.stamp + 4, { tick: 4 }))).toEqual(newer);
    expect(await sync(as, user, update(row, 'completed', row.stamp - 1))).toEqual(newer);
  });

  each('[I2] what has ended stays as it is, whatever is newer, by the %s', async (as) => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const ended = await sync(as, user, update(row, 'completed', row.stamp + 5, { result: '{"end": 1}' }));
    expect(ended).toMatchObject({ status: 'completed', result: { end: 1 }, stamp: row.stamp + 5 });
    for (const status of ['in_progress', 'error', 'completed', 'cancelled'] as const) {
      expect(await sync(as, user, update(row, status, row.stamp + 5))).toEqual(ended);
      expect(await sync(as, user, update(row, status, row.stamp + 9))).toEqual(ended);
    }
  });

  each('[I4] a row is reached only under both its names, by the %s', async (as) => {
    const user = await tasks().newUser();
    const [row, other] = [await submit(user), await submit(user)];
    const crossed = { correlationId: row.correlationId, id: other.id };
    expect(await sync(as, user, update(crossed, 'completed', row.stamp + 5))).toEqual(row);
    expect(await rowOf(user, other.correlationId)).toEqual(other);
  });

  each(
    '[I4] a correlation_id that came back as another’s is not reached by what was sent for the first, by the %s',
    async (as) => {
      const [user, thief] = [await tasks().newUser(), await tasks().newUser()];
      const row = await submit(user);
      expect(await user.owner.remove(row.correlationId)).toBe(true);
      await thief.owner.insert(newTask(thief.id, { correlationId: row.correlationId }), { id: row.id });
      const theirs = await rowOf(thief, row.correlationId);
      expect(theirs).toMatchObject({ userId: thief.id, status: 'pending' });
      expect(await sync(as, thief, update(row, 'completed', row.stamp + dayUs / 2))).toEqual(theirs);
    },
  );

  each('[I7] a stamp more than a day ahead is not taken, by the %s', async (as) => {
    const user = await tasks().newUser();
    const row = await submit(user);
    expect(await sync(as, user, update(row, 'completed', row.stamp + 2 * dayUs))).toEqual(row);
    const almost = row.stamp + dayUs / 2;
    expect(await sync(as, user, update(row, 'started', almost))).toMatchObject({ stamp: almost });
  });

  test.each<[string, Status, Partial<TaskUpdate>, object]>([
    [
      'is kept while the task goes on: tick and result',
      'accepted',
      { tick: null, result: null },
      { tick: 7, result: { notes: 1 } },
    ],
    [
      'is kept for the JSON text null too: the result',
      'started',
      { tick: 8, result: 'null' },
      { tick: 8, result: { notes: 1 } },
    ],
    [
      'is kept at the end, but for the result: the tick',
      'error',
      { tick: null, result: null },
      { tick: 7, result: null },
    ],
    [
      'is none for an empty text: the error',
      'completed',
      { result: '1', error: '' },
      { result: 1, error: null },
    ],
  ])('what a sync leaves out %s', async (_, status, sent, kept) => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const report = { tick: 7, result: '{"notes": 1}', error: 'e' };
    await sync('reconciler', user, update(row, 'in_progress', row.stamp + 1, report));
    const next = await sync('reconciler', user, update(row, status, row.stamp + 2, sent));
    expect(next).toMatchObject({ status, error: null, ...kept });
  });
}

export function describeUserSync(tasks: () => TasksUnderTest): void {
  test('answers with the row as it then stands', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const synced = await user.tasks.sync(update(row, 'started', row.stamp + 1), open);
    expect(synced).toMatchObject({ status: 'started', id: row.id });
    expect(await user.tasks.find(row.correlationId, open)).toEqual(synced);
    expect(await user.tasks.sync(update(row, 'accepted', row.stamp), open)).toEqual(synced);
  });

  test('[I4] a user’s sync does not reach another’s row', async () => {
    const [user, other] = [await tasks().newUser(), await tasks().newUser()];
    const row = await submit(user);
    const sent = update(row, 'completed', row.stamp + 5);
    await expect(other.tasks.sync(sent, open)).resolves.toBeNull();
    expect(await rowOf(user, row.correlationId)).toEqual(row);
  });

  test('of what cannot be stored changes nothing', async () => {
    const user = await tasks().newUser();
    const { stamp, ...row } = await submit(user);
    for (const bad of [{ result: '{' }, { tick: 51 }, { tick: -1 }, { error: 'x'.repeat(8001) }]) {
      expect(await user.tasks.sync(update(row, 'completed', stamp + 5, bad), open)).toEqual(row);
    }
  });

  test('[I7] day by day no user’s row gets far ahead of the clock; the reconciler follows one that is', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const almost = dayUs - 60_000_000;
    await user.tasks.sync(update(row, 'started', row.stamp + almost), open);
    await user.tasks.sync(update(row, 'in_progress', row.stamp + 2 * almost), open);
    expect(await rowOf(user, row.correlationId)).toMatchObject({
      status: 'started',
      stamp: row.stamp + almost,
    });
    await tasks().reconciler.syncBatch([update(row, 'in_progress', row.stamp + 2 * almost)], open);
    expect(await rowOf(user, row.correlationId)).toMatchObject({ stamp: row.stamp + 2 * almost });
  });

  test('of no task answers with none', async () => {
    const user = await tasks().newUser();
    const absent = { correlationId: randomUUID(), id: randomUUID() };
    expect(await user.tasks.sync(update(absent, 'started', 1), open)).toBeNull();
  });
}
