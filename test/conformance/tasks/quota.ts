import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type CreateTasks,
  newTask,
  open,
  submit,
  type TasksUnderTest,
  type TestUser,
  wide,
} from './given.ts';

const submitAtOnce = (user: TestUser, count: number) =>
  Promise.allSettled(Array.from({ length: count }, () => submit(user)));

/** What the refused ones were told. */
const quotasOf = (answers: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason.quota);

export function describeQuota(create: CreateTasks): void {
  describe('of 3 in a day', () => {
    let tasks: TasksUnderTest;
    beforeAll(async () => {
      tasks = await create({ ...wide, dailyLimit: 3 });
    });

    test('[quota] 10 inserts at once are exactly 3 tasks, and 3 are charged', async () => {
      const user = await tasks.newUser();
      const quotas = quotasOf(await submitAtOnce(user, 10));
      const quota = { kind: 'daily', limit: 3, used: 3, left: 0, retry_after: expect.any(Number) };
      expect(quotas).toEqual(Array(7).fill(quota));
      expect(await user.tasks.list({ limit: 20 }, open)).toHaveLength(3);
      expect(await tasks.usedToday(user)).toBe(3);
    });

    test('[quota] a refused insert costs nothing, and is quota_exceeded until the day ends', async () => {
      const user = await tasks.newUser();
      for (let count = 0; count < 3; count++) await submit(user);
      const refused = { code: 'quota_exceeded', quota: { kind: 'daily', used: 3 } };
      for (let count = 0; count < 2; count++) await expect(submit(user)).rejects.toMatchObject(refused);
      expect(await tasks.usedToday(user)).toBe(3);
    });

    test('[quota] an insert that fails for another reason costs nothing', async () => {
      const [user, other] = [await tasks.newUser(), await tasks.newUser()];
      const { correlationId } = await submit(user);
      for (let count = 0; count < 2; count++) {
        await expect(submit(user, { correlationId })).rejects.toMatchObject({ code: 'conflict' });
        await expect(submit(user, { maxTicks: 0 })).rejects.toMatchObject({ code: 'invalid' });
        await expect(submit(user, { userId: other.id })).rejects.toMatchObject({ code: 'forbidden' });
      }
      expect(await tasks.usedToday(user)).toBe(1);
      expect(await tasks.usedToday(other)).toBe(0);
      expect(quotasOf(await submitAtOnce(user, 3))).toHaveLength(1);
    });

    test('[quota] a task that was deleted was charged all the same, and one past the gateway is too', async () => {
      const user = await tasks.newUser();
      const { correlationId } = await submit(user);
      await user.owner.remove(correlationId);
      await user.owner.insert(newTask(user.id, { correlationId: randomUUID() }));
      expect(await tasks.usedToday(user)).toBe(2);
    });
  });

  describe('of 2 unfinished at a time', () => {
    let tasks: TasksUnderTest;
    beforeAll(async () => {
      tasks = await create({ ...wide, activeLimit: 2 });
    });

    test('[quota] what has ended counts no more', async () => {
      const user = await tasks.newUser();
      const quota = { kind: 'active', limit: 2, used: 2, left: 0, retry_after: 30 };
      expect(quotasOf(await submitAtOnce(user, 5))).toEqual(Array(3).fill(quota));
      const [row] = await user.tasks.list({ limit: 1 }, open);
      await user.owner.cancel(row?.correlationId ?? '');
      expect(quotasOf(await submitAtOnce(user, 2))).toEqual([quota]);
      expect(await tasks.usedToday(user)).toBe(3);
    });
  });
}
