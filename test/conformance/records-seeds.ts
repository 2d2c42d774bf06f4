import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { completed, finalStatuses, newTask, ofAnotherRow, rowStamp, seedOf } from './records-tasks.ts';

export function describeSeeds(records: RecordsBench): void {
  describe('seed', () => {
    test('makes a clean record that waits, once', async () => {
      const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
      const before = await records.server.now();
      const task = await records.seeded({ status: 'started', traceparent });
      const record = await records.read(task);
      const { correlationId, id, userId } = task;
      expect(record).toEqual({
        ...{ correlationId, id, userId, status: 'started', tick: null, result: null, error: null },
        ...{ updatedAt: rowStamp, syncedAt: rowStamp, claim: '', attempts: 0 },
        ...{ dueAt: record.dueAt, traceparent },
      });
      expect(record.dueAt - before).toBeGreaterThanOrEqual(60_000_000);
      expect(record.dueAt - (await records.server.now())).toBeLessThanOrEqual(60_000_000);
      expect(await records.hints(task)).toEqual({ ahead: null, due: record.dueAt });
      expect(await records.field(task, 'attempts')).toBe('0');
      expect(await records.field(task, 'dispatches')).toBe('0');
      expect(await records.storage.seed(seedOf(task))).toBe(false);
      expect(await records.read(task)).toEqual(record);
      expect([await records.finding(task), await records.hinted(task)]).toEqual([undefined, undefined]);
    });

    test('keeps no empty trace', async () => {
      expect(await records.field(await records.seeded(), 'traceparent')).toBeNull();
    });

    test('[I6] by repair is held', async () => {
      expect(await records.field(await records.seeded({ held: true }), 'claim')).toBe('-');
    });

    test('[I2] leaves a record of its own row, also a settled one', async () => {
      const task = await records.endedAndClean();
      expect(await records.storage.seed(seedOf(task))).toBe(false);
      expect((await records.read(task)).status).toBe('completed');
    });

    test("[I1] leaves another row's record that is not settled: it runs, or its end is not synced", async () => {
      for (const task of [await records.claimedAndClean(), await records.ended()]) {
        const before = await records.read(task);
        expect(await records.storage.seed(seedOf(ofAnotherRow(task)))).toBe(false);
        expect(await records.read(task)).toEqual(before);
      }
    });

    test.for(finalStatuses)(
      '[I4] replaces the settled record of a deleted task, of which nothing stays: %s',
      async (status) => {
        const task = await records.claimed();
        await records.storage.end(task, { ...completed, status, error: 'secret' });
        await records.storage.confirm(await records.read(task));
        const next = { ...newTask(), correlationId: task.correlationId };
        expect(await records.storage.seed(seedOf(next))).toBe(true);
        const record = await records.read(task);
        expect(record).toMatchObject({ id: next.id, userId: next.userId, status: 'pending', attempts: 0 });
        expect(record).toMatchObject({ result: null, error: null });
        expect(await records.timeToLive(task)).toBe(-1);
      },
    );
  });

  describe('the next dispatch', () => {
    test('is put off after a publish', async () => {
      const task = await records.seeded({ waitMs: 0 });
      await records.storage.scheduleDispatch(task, 300_000);
      const { dueAt } = await records.read(task);
      expect(dueAt - (await records.server.now())).toBeGreaterThan(290_000_000);
      expect((await records.hints(task)).due).toBe(dueAt);
    });

    test('is nothing that a record needs that is gone, claimed, ended, or of another row', async () => {
      const gone = newTask();
      await records.storage.scheduleDispatch(gone, 300_000);
      expect(await records.timeToLive(gone)).toBe(-2);
      const waiting = await records.seeded();
      const ended = await records.seeded();
      await records.set(ended, { status: 'completed' });
      for (const task of [await records.claimed(), ended, ofAnotherRow(waiting)]) {
        const before = await records.read(task);
        await records.storage.scheduleDispatch(task, 300_000);
        expect(await records.read(task)).toEqual(before);
      }
    });
  });
}
