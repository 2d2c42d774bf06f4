import { randomUUID } from 'node:crypto';
import type { SyncAnswer, TaskUpdate } from '@tickwork/task/task';
import { expect, test } from 'vitest';
import { dayUs, newTask, open, rowOf, type Submitted, submit, type TasksUnderTest, update } from './given.ts';

/** What the reconciler is answered. That a row is as it was is asked beside it. */
export function describeBatch(tasks: () => TasksUnderTest): void {
  const sync = (...updates: TaskUpdate[]) => tasks().reconciler.syncBatch(updates, open);
  const answer = (
    { correlationId }: Pick<Submitted, 'correlationId'>,
    outcome: SyncAnswer['outcome'],
    row: Pick<TaskUpdate, 'status' | 'updatedAt'> | null = null,
  ) => ({ correlationId, outcome, status: row?.status ?? null, updatedAt: row?.updatedAt ?? null });

  test('is answered item by item, in its order', async () => {
    const user = await tasks().newUser();
    const [one, two] = [await submit(user), await submit(user)];
    const absent = { correlationId: randomUUID(), id: randomUUID() };
    const taken = update(two, 'started', two.stamp + 1);
    await expect(
      sync(taken, update(one, 'started', one.stamp - 1), update(absent, 'started', 1), {
        ...update(one, 'started', one.stamp + 1),
        status: JSON.parse('"unheard-of"'),
      }),
    ).resolves.toEqual([
      answer(two, 'applied', taken),
      answer(one, 'stale', { status: 'pending', updatedAt: one.stamp }),
      answer(absent, 'missing'),
      answer(one, 'invalid'),
    ]);
    expect(await rowOf(user, one.correlationId)).toEqual(one);
  });

  test('[I1] the same stamp again is applied: its first answer may have been lost', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const report = update(row, 'in_progress', row.stamp + 2);
    for (let time = 0; time < 2; time++) {
      await expect(sync(report)).resolves.toEqual([answer(row, 'applied', report)]);
    }
    const end = update(row, 'completed', row.stamp + 3);
    for (let time = 0; time < 2; time++) {
      await expect(sync(end)).resolves.toEqual([answer(row, 'applied', end)]);
    }
  });

  test('[I1] the same stamp with another status is taken while the task is not final', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    await sync(update(row, 'accepted', row.stamp + 2));
    const next = update(row, 'in_progress', row.stamp + 2);
    await expect(sync(next)).resolves.toEqual([answer(row, 'applied', next)]);
    expect(await rowOf(user, row.correlationId)).toMatchObject({ status: 'in_progress' });
  });

  test('[I2] an older stamp is stale, and so is any after the end; the answer tells the row', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const report = update(row, 'in_progress', row.stamp + 2);
    await sync(report);
    await expect(sync(update(row, 'started', row.stamp + 1))).resolves.toEqual([
      answer(row, 'stale', report),
    ]);
    const end = update(row, 'completed', row.stamp + 3);
    await sync(end);
    for (const status of ['error', 'in_progress', 'completed'] as const) {
      const late = update(row, status, row.stamp + 9);
      await expect(sync(late)).resolves.toEqual([answer(row, 'stale', end)]);
    }
    await expect(sync(update(row, 'error', row.stamp + 3))).resolves.toEqual([answer(row, 'stale', end)]);
  });

  test('[I4] a correlation_id that came back as another’s is missing for who knew the first', async () => {
    const [user, other] = [await tasks().newUser(), await tasks().newUser()];
    const row = await submit(user);
    await user.owner.remove(row.correlationId);
    await other.owner.insert(newTask(other.id, { correlationId: row.correlationId }));
    const sent = update(row, 'completed', row.stamp + dayUs / 2);
    await expect(sync(sent)).resolves.toEqual([answer(row, 'missing')]);
    expect(await tasks().reconciler.readRows([row], open)).toEqual(new Map());
    expect(await rowOf(other, row.correlationId)).toMatchObject({ status: 'pending', tick: null });
  });

  test('[I7] a stamp more than a day ahead is stale, unless the row itself is as far', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const pending = { status: 'pending', updatedAt: row.stamp } as const;
    const far = update(row, 'started', row.stamp + 2 * dayUs);
    await expect(sync(far)).resolves.toEqual([answer(row, 'stale', pending)]);
    await sync(update(row, 'accepted', row.stamp + dayUs / 2));
    await sync(update(row, 'accepted', row.stamp + 1.4 * dayUs));
    await expect(sync(far)).resolves.toEqual([answer(row, 'applied', far)]);
  });

  test('[I2] that names a task twice takes the newer, whatever the order; an invalid one does not hide it', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const newer = update(row, 'in_progress', row.stamp + 2, { tick: 2 });
    const unknown = { ...update(row, 'started', row.stamp + 9), status: JSON.parse('"running"') };
    await expect(sync(newer, update(row, 'started', row.stamp + 1), unknown)).resolves.toEqual([
      answer(row, 'applied', newer),
      answer(row, 'stale', newer),
      answer(row, 'invalid'),
    ]);
    expect(await rowOf(user, row.correlationId)).toMatchObject({ status: 'in_progress', tick: 2 });
  });

  test('[I8] of several at once the newest stamp stands, and none fails', async () => {
    const user = await tasks().newUser();
    const rows = [await submit(user), await submit(user), await submit(user)];
    const batches = Array.from({ length: 6 }, (_, n) =>
      rows.map((row) => update(row, 'in_progress', row.stamp + 1 + ((n * 5) % 6), { tick: (n * 5) % 6 })),
    );
    const calls = batches.map((batch, n) => sync(...(n % 2 ? batch : batch.toReversed())));
    await expect(Promise.all(calls)).resolves.toHaveLength(6);
    for (const row of rows) {
      expect(await rowOf(user, row.correlationId)).toMatchObject({ tick: 5, stamp: row.stamp + 6 });
    }
  });

  test.each<[string, Partial<TaskUpdate>]>([
    ['broken JSON', { result: '{' }],
    ['no JSON', { result: '' }],
    ['a NUL in its result', { result: '{"a":"\\u0000"}' }],
    ['half a surrogate pair in its result', { result: '{"a":"\\ud800"}' }],
    ['a result that is too large', { result: JSON.stringify('x'.repeat(1_048_575)) }],
    ['an error that is too long', { error: 'é'.repeat(8001) }],
    ['a tick beyond its max_ticks', { tick: 51 }],
    ['a negative tick', { tick: -1 }],
    ['half a tick', { tick: 1.5 }],
    ['a tick out of range', { tick: 3_000_000_000 }],
    ['half a microsecond', { updatedAt: 1.5 }],
  ])('takes the others when one has %s', async (_, bad) => {
    const user = await tasks().newUser();
    const [good, row] = [await submit(user), await submit(user)];
    const taken = update(good, 'completed', good.stamp + 1);
    const answers = await sync(update(row, 'completed', row.stamp + 1, bad), taken);
    expect(answers).toHaveLength(2);
    expect(answers).toContainEqual(answer(row, 'invalid'));
    expect(answers).toContainEqual(answer(good, 'applied', taken));
    expect(await rowOf(user, row.correlationId)).toEqual(row);
    expect(await rowOf(user, good.correlationId)).toMatchObject({ status: 'completed' });
  });

  test('takes what is as large as allowed', async () => {
    const user = await tasks().newUser();
    const row = await submit(user);
    const result = JSON.stringify('x'.repeat(1_048_574));
    const most = update(row, 'error', row.stamp + 1, { result, error: '😀'.repeat(8000), tick: 50 });
    await expect(sync(most)).resolves.toEqual([answer(row, 'applied', most)]);
  });

  // Hence what a worker says is made storable before it goes into Redis.
  test.each([
    ['half a surrogate pair', 'a\ud800'],
    ['a NUL', 'a\u0000'],
  ])('with %s in the text of one is refused as a whole', async (_, error) => {
    const user = await tasks().newUser();
    const [good, row] = [await submit(user), await submit(user)];
    const call = sync(
      update(good, 'started', good.stamp + 1),
      update(row, 'error', row.stamp + 1, { error }),
    );
    await expect(call).rejects.toMatchObject({ code: 'invalid' });
    expect(await rowOf(user, good.correlationId)).toEqual(good);
  });

  test('of up to 1000 is taken, not of more', async () => {
    const many = Array.from({ length: 1001 }, () =>
      update({ correlationId: randomUUID(), id: randomUUID() }, 'started', 1),
    );
    await expect(sync(...many.slice(1))).resolves.toHaveLength(1000);
    await expect(sync(...many)).rejects.toMatchObject({ code: 'invalid' });
    await expect(sync()).resolves.toEqual([]);
  });
}
