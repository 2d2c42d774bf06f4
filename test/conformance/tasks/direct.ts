import type { Status } from '@tickwork/task/status';
import { expect, test } from 'vitest';
import type { OwnerChange } from '../owner.ts';
import { dayUs, open, rowOf, secondUs, submit, type TasksUnderTest, update } from './given.ts';

/** What an owner changes in Supabase itself. */
export function describeOwner(tasks: () => TasksUnderTest): void {
  test('[I7] an update is stamped later than the row was, also where that is ahead of the clock', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    await expect(user.owner.touch(row.correlationId)).resolves.toBe(true);
    const touched = await rowOf(user, row.correlationId);
    expect(touched?.stamp).toBeGreaterThan(row.stamp);
    expect(touched?.stamp).toBeLessThan(row.stamp + 60 * secondUs);
    const ahead = row.stamp + 3600 * secondUs;
    await tasks().reconciler.syncBatch([update(row, 'started', ahead)], open);
    await expect(user.owner.touch(row.correlationId)).resolves.toBe(true);
    expect(await rowOf(user, row.correlationId)).toMatchObject({ status: 'started', stamp: ahead + 1 });
    await expect(
      user.owner.update(row.correlationId, { tick: 3, updatedAt: '2020-01-01T00:00:00Z' }),
    ).resolves.toBe(true);
    expect(await rowOf(user, row.correlationId)).toMatchObject({ tick: 3, stamp: ahead + 2 });
  });

  test('[I2] a cancelled task stays so, for its owner and for every sync', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    await user.owner.cancel(row.correlationId);
    const ended = await rowOf(user, row.correlationId);
    expect(ended).toMatchObject({ status: 'cancelled' });
    for (const change of [{ status: 'pending' }, { result: 1 }, {}] as const) {
      const call = user.owner.update(row.correlationId, { ...change, tick: 1 });
      await expect(call).rejects.toMatchObject({ code: 'task_ended' });
    }
    await expect(user.owner.touch(row.correlationId)).rejects.toMatchObject({ code: 'task_ended' });
    const late = update(row, 'completed', row.stamp + dayUs / 2);
    await expect(tasks().reconciler.syncBatch([late], open)).resolves.toMatchObject([
      { outcome: 'stale', status: 'cancelled', updatedAt: ended?.stamp },
    ]);
    await user.tasks.sync(late, open);
    expect(await rowOf(user, row.correlationId)).toEqual(ended);
  });

  const path: readonly Status[] = ['pending', 'accepted', 'started', 'in_progress'];
  const back = path.flatMap((from, at) => path.slice(0, at).map((to) => [from, to] as const));
  test.each(back)('[I2] a status goes not back from %s to %s by an owner’s hand', async (from, to) => {
    const user = await tasks().newUser();
    const row = await submit(user);
    await tasks().reconciler.syncBatch([update(row, from, row.stamp + 1)], open);
    const before = await rowOf(user, row.correlationId);
    const call = user.owner.update(row.correlationId, { status: to });
    await expect(call).rejects.toMatchObject({ code: 'invalid' });
    expect(await rowOf(user, row.correlationId)).toEqual(before);
  });

  test('an owner may take a status on, and empty what a sync would keep', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    await tasks().reconciler.syncBatch([update(row, 'started', row.stamp + 1)], open);
    const change = { status: 'in_progress', tick: null, result: null, error: '' } as const;
    await user.owner.update(row.correlationId, change);
    expect(await rowOf(user, row.correlationId)).toMatchObject(change);
  });

  test.each<[string, OwnerChange]>([
    ['an id', { id: 'b3b0c1de-0000-4000-8000-000000000000' }],
    ['a correlation_id', { correlationId: 'b3b0c1de-0000-4000-8000-000000000000' }],
    ['a mandate', { mandate: 'Another.' }],
    ['max_ticks', { maxTicks: 200 }],
    ['an owner', { userId: 'b3b0c1de-0000-4000-8000-000000000000' }],
    ['a status that there is not', { status: JSON.parse('"running"') }],
    ['a tick beyond max_ticks', { tick: 51 }],
    ['an error that is too long', { error: 'x'.repeat(8001) }],
    ['a NUL', { result: { a: '\u0000' } }],
    ['half a surrogate pair', { error: '\ud800' }],
    ['a result that is too large', { result: 'x'.repeat(1_048_575) }],
  ])('an update to %s is invalid', async (_, change) => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const call = user.owner.update(row.correlationId, change);
    await expect(call).rejects.toMatchObject({ code: 'invalid' });
    expect(await rowOf(user, row.correlationId)).toEqual(row);
  });

  test('[I4] another’s row is no row', async () => {
    const [user, other] = [await tasks().newUser(), await tasks().newUser()];
    const row = await submit(user);
    await expect(other.owner.cancel(row.correlationId)).resolves.toBe(false);
    await expect(other.owner.remove(row.correlationId)).resolves.toBe(false);
    expect(await rowOf(user, row.correlationId)).toEqual(row);
  });

  test('a deleted row is gone, also one that has ended', async () => {
    const user = await tasks().newUser();
    const [one, two] = [await submit(user), await submit(user)];
    await user.owner.cancel(two.correlationId);
    for (const { correlationId } of [one, two]) {
      await expect(user.owner.remove(correlationId)).resolves.toBe(true);
      expect(await rowOf(user, correlationId)).toBeNull();
    }
    expect(await tasks().reconciler.readRows([one, two], open)).toEqual(new Map());
  });
}
