import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import {
  another,
  claimMs,
  finalStatuses,
  given,
  hourMs,
  newTask,
  ofAnotherRow,
  rowStamp,
  seedOf,
} from './records-tasks.ts';

export function describeClaims(records: RecordsBench): void {
  describe('a claim', () => {
    test('[I2] never makes a record: what is gone stays gone', async () => {
      const task = newTask();
      expect(await records.storage.claim(task)).toEqual({ claimed: false, reason: 'no_record' });
      expect(await records.timeToLive(task)).toBe(-2);
    });

    test('[I2] is for the row that the message names', async () => {
      const task = await records.seeded();
      expect(await records.storage.claim(ofAnotherRow(task))).toMatchObject({ reason: 'no_record' });
      expect(await records.field(task, 'claim')).toBe('');
    });

    test('is given of a record that waits, however long', async () => {
      await records.claimed({ waitMs: 5000 });
      await records.claimed({ waitMs: 3 * hourMs });
    });

    test('counts one attempt, moves the stamp, and gives the same answer twice', async () => {
      const task = await records.claimed();
      const before = await records.read(task);
      expect(await records.storage.claim(task)).toEqual(given(1));
      expect(await records.read(task)).toEqual(before);
      expect(before).toMatchObject({ status: 'accepted', attempts: 1, claim: task.token });
      expect(before.updatedAt).toBeGreaterThan(rowStamp);
      expect(await records.finding(task)).toBe('ahead');
    });

    test("is stamped in whole microseconds by Redis' clock, and holds from then", async () => {
      const task = await records.seeded();
      const before = await records.server.now();
      await records.storage.claim(task);
      const after = await records.server.now();
      const { updatedAt, dueAt } = await records.read(task);
      expect(await records.field(task, 'updated_at')).toBe(String(updatedAt));
      expect(updatedAt).toBeGreaterThanOrEqual(before);
      expect(updatedAt).toBeLessThanOrEqual(after);
      expect(dueAt - updatedAt).toBeGreaterThanOrEqual(claimMs * 1000);
      expect(dueAt).toBeLessThanOrEqual(after + claimMs * 1000);
    });

    test('is told to whoever syncs and to whoever looks for the dead', async () => {
      const task = await records.claimed();
      const { updatedAt, dueAt } = await records.read(task);
      expect(await records.hints(task)).toEqual({ ahead: updatedAt, due: dueAt });
      await records.expectHeard(task, `tasks:ahead ${task.correlationId} accepted ${updatedAt}`);
    });

    test('[I2] keeps everybody else out until it has run out', async () => {
      const task = await records.claimed();
      expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'taken' });
      await records.set(task, { due_at: 5 });
      expect(await records.storage.claim(another(task))).toEqual(given(2));
    });

    test('[I7] that is further ahead than it can have been set has run out: the clock is another', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: '99999999999999999' });
      expect(await records.storage.claim(another(task))).toEqual(given(2));
    });

    test('[I6] is not given of a record that repair holds, also when its wait is over', async () => {
      const task = await records.seeded({ held: true, waitMs: 0 });
      expect(await records.storage.claim(task)).toMatchObject({ reason: 'taken' });
    });

    test('[I5] is refused after the last attempt', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5, attempts: 2 });
      expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'no_attempt_left' });
      expect(await records.field(task, 'claim')).toBe(task.token);
    });

    test.for(finalStatuses)('[I2] is refused for a task that ended: %s', async (status) => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5, status });
      const before = await records.read(task);
      expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'ended' });
      expect(await records.read(task)).toEqual(before);
    });

    test('begins the waits between dispatches anew', async () => {
      const task = await records.seeded({ waitMs: 0 });
      await records.storage.release(await records.read(task));
      expect(await records.field(task, 'dispatches')).toBe('1');
      await records.storage.claim(task);
      expect(await records.field(task, 'dispatches')).toBe('0');
    });

    test('[I6] whose answer was lost may be repeated, and then knows all to put the record back', async () => {
      const task = await records.claimed();
      const { updatedAt } = await records.read(task);
      const again = records.process();
      expect(await again.claim(task)).toEqual(given(1));
      await records.remove(task);
      expect(await again.heartbeat(task)).toBe('written');
      const record = await records.read(task);
      expect(record).toMatchObject({ attempts: 1, claim: task.token, userId: task.userId });
      expect(record.updatedAt).toBeGreaterThan(updatedAt);
    });

    test('is for the record as a new seed made it', async () => {
      const task = await records.claimed();
      await records.storage.settle(task);
      const next = { ...newTask(), correlationId: task.correlationId };
      await records.storage.seed(seedOf(next));
      expect(await records.storage.claim(task)).toMatchObject({ reason: 'no_record' });
      expect(await records.storage.claim(next)).toEqual(given(1));
    });
  });
}
