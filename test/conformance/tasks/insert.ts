import { randomUUID } from 'node:crypto';
import type { NewTask } from '@tickwork/task/ports';
import { expect, test } from 'vitest';
import { newTask, rowOf, submit, type TasksUnderTest } from './given.ts';

export function describeInsert(tasks: () => TasksUnderTest): void {
  test('gives the row as it begins: pending, with an id and one stamp', async () => {
    const user = await tasks().newUser();
    const wanted = newTask(user.id, { mandate: '😀'.repeat(8000), maxTicks: 200 });
    const row = await user.tasks.insert(wanted);
    const begins = { status: 'pending', tick: null, result: null, error: null };
    expect(row).toMatchObject({ ...wanted, ...begins, updatedAt: row.createdAt });
    expect(row.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,5}[1-9])?\+00:00$/);
    expect(row.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(await user.tasks.find(row.id, AbortSignal.any([]))).toEqual(row);
  });

  test('[I4] by an owner begins like any other, whatever it says', async () => {
    const user = await tasks().newUser();
    const wanted = newTask(user.id);
    const id = randomUUID();
    const said = { id, status: 'completed', tick: 9, result: { x: 1 }, error: 'e' } as const;
    await user.owner.insert(wanted, { ...said, updatedAt: '2099-01-01T00:00:00+00:00' });
    const row = await rowOf(user, wanted.correlationId);
    expect(row).toMatchObject({ status: 'pending', tick: null, result: null, error: null });
    expect(row?.id).not.toBe(id);
    expect(row?.updatedAt).toBe(row?.createdAt);
  });

  test.each(['the same user', 'another'])(
    '[I4] of a correlation_id that is there is a conflict, by %s, and changes nothing',
    async (who) => {
      const user = await tasks().newUser();
      const row = await submit(user);
      const next = who === 'another' ? await tasks().newUser() : user;
      const again = newTask(next.id, { correlationId: row.correlationId, mandate: 'Another.' });
      await expect(next.tasks.insert(again)).rejects.toMatchObject({ code: 'conflict', quota: null });
      expect(await rowOf(user, row.correlationId)).toEqual(row);
    },
  );

  test('[I4] for another user is forbidden', async () => {
    const [user, other] = [await tasks().newUser(), await tasks().newUser()];
    const wanted = newTask(other.id);
    await expect(user.tasks.insert(wanted)).rejects.toMatchObject({ code: 'forbidden', quota: null });
    expect(await rowOf(other, wanted.correlationId)).toBeNull();
  });

  test.each<[string, Partial<NewTask>]>([
    ['no ticks', { maxTicks: 0 }],
    ['too many ticks', { maxTicks: 201 }],
    ['half a tick', { maxTicks: 1.5 }],
    ['an empty mandate', { mandate: '' }],
    ['a mandate that is too long', { mandate: 'é'.repeat(8001) }],
    ['a NUL in its mandate', { mandate: 'a\u0000b' }],
    ['half a surrogate pair in its mandate', { mandate: 'a\ud800' }],
    ['a correlation_id that is no UUID', { correlationId: 'c1' }],
    ['a correlation_id in capitals', { correlationId: randomUUID().toUpperCase() }],
  ])('with %s is invalid', async (_, given) => {
    const user = await tasks().newUser();
    await expect(submit(user, given)).rejects.toMatchObject({ code: 'invalid' });
    expect(await user.tasks.list({ limit: 10 }, AbortSignal.any([]))).toEqual([]);
  });
}
