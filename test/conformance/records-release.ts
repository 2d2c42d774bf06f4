import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { another, finalStatuses, hourMs, maxAttempts, newTask, ofAnotherRow, tick } from './records-tasks.ts';

export function describeRelease(records: RecordsBench): void {
  async function expectNotDue(seen: Parameters<typeof records.storage.release>[0]) {
    const before = await records.read(seen);
    expect(await records.storage.release(seen)).toBe('not_due');
    expect(await records.read(seen)).toEqual(before);
  }

  /** A claim that has run out, after its last attempt. */
  async function poison() {
    const task = await records.claimed();
    await records.set(task, { due_at: 5 });
    await records.storage.claim(another(task));
    await records.storage.report(task, tick(2));
    await records.set(task, { due_at: 5, result: '{"notes":"on the way"}' });
    return task;
  }

  describe('release', () => {
    test('[I8] says publish to one of two, and takes the claim from whoever had the task', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5 });
      const seen = await records.read(task);
      const answers = await Promise.all([records.storage.release(seen), records.storage.release(seen)]);
      expect(answers.sort()).toEqual(['not_due', 'publish']);
      const record = await records.read(task);
      expect(record).toEqual({ ...seen, claim: '', dueAt: record.dueAt });
      expect((await records.hints(task)).due).toBe(record.dueAt);
    });

    test('[I8] leaves a live claim', async () => {
      await expectNotDue(await records.read(await records.claimed()));
    });

    test('[I8] leaves a record that is due, but not as it was seen', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5 });
      await expectNotDue({ ...task, dueAt: 6 });
    });

    test("[I4] leaves another row's record, and makes none", async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5 });
      await expectNotDue(ofAnotherRow(await records.read(task)));
      const gone = newTask();
      expect(await records.storage.release({ ...gone, dueAt: 0 })).toBe('not_due');
      expect(await records.timeToLive(gone)).toBe(-2);
    });

    test.for(finalStatuses)('[I2] leaves a task that ended: %s', async (status) => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5, status });
      await expectNotDue(await records.read(task));
    });

    test('[I7] judges a wait by the longest wait, and a claim by its hold', async () => {
      const dueAt = (await records.server.now()) + 60_000_000;
      const waiting = await records.seeded();
      await records.set(waiting, { due_at: dueAt });
      await expectNotDue(await records.read(waiting));
      const claimed = await records.claimed();
      await records.set(claimed, { due_at: dueAt });
      expect(await records.storage.release(await records.read(claimed))).toBe('publish');
    });

    test('doubles the wait each time up to the longest, so that a backlog makes no storm', async () => {
      const task = await records.seeded({ waitMs: 0 });
      const waits: number[] = [];
      for (const _ of Array.from({ length: 6 })) {
        await records.storage.release(await records.read(task));
        const { dueAt } = await records.read(task);
        waits.push(Math.round((dueAt - (await records.server.now())) / 60e6));
        await records.set(task, { due_at: 5 });
      }
      expect(waits).toEqual([5, 10, 20, 40, 60, 60]);
      await records.set(task, { due_at: (await records.server.now()) + hourMs * 1000 });
      expect(await records.finding(task)).toBeUndefined();
    });

    test('[I5] after the last attempt the task ends in error: no ghosts', async () => {
      const task = await poison();
      const seen = await records.read(task);
      expect(await records.storage.release(seen)).toBe('ended');
      const record = await records.read(task);
      const error = `the task was given up after ${maxAttempts} attempts that did not end`;
      expect(record).toMatchObject({ status: 'error', error, result: null, claim: '' });
      expect(record.updatedAt).toBeGreaterThan(seen.updatedAt);
      expect(await records.hints(task)).toEqual({ ahead: record.updatedAt, due: null });
      await records.expectHeard(task, `tasks:ahead ${task.correlationId} error ${record.updatedAt}`);
    });

    test('[I7] that end is stamped past the last report, also when the clock lags behind it', async () => {
      const task = await poison();
      const future = 4_000_000_000_000_000;
      await records.set(task, { updated_at: future });
      await records.storage.release(await records.read(task));
      expect((await records.read(task)).updatedAt).toBe(future + 1);
    });
  });
}
