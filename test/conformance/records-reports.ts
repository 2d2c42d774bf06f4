import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { another, completed, finalStatuses, ofAnotherRow, started, tick } from './records-tasks.ts';

export function describeReports(records: RecordsBench): void {
  describe('a report', () => {
    test('is written with its tick and notes, and extends the claim', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5 });
      expect(await records.storage.report(task, tick(3))).toBe('written');
      const record = await records.read(task);
      expect(record).toMatchObject({ status: 'in_progress', tick: 3, result: '{"notes":"on the way"}' });
      expect(record.dueAt).toBeGreaterThan(await records.server.now());
      expect(await records.hints(task)).toEqual({ ahead: record.updatedAt, due: record.dueAt });
      await records.expectHeard(task, `tasks:ahead ${task.correlationId} in_progress ${record.updatedAt}`);
    });

    test('that brings no tick and no notes keeps what was there', async () => {
      const task = await records.claimed();
      await records.storage.report(task, tick(3));
      await records.storage.report(task, { ...started, status: 'in_progress' });
      expect(await records.read(task)).toMatchObject({ tick: 3, result: '{"notes":"on the way"}' });
    });

    test('[I2] of a worker that was taken over changes nothing and tells it to stop', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5 });
      await records.storage.claim(another(task));
      const before = await records.read(task);
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.process().report(task, tick(9))).toBe('stop');
      expect(await records.storage.end(task, completed)).toBe('stop');
      expect(await records.storage.heartbeat(task)).toBe('stop');
      expect(await records.read(task)).toEqual(before);
    });

    test('[I2] of a worker whose claim was released changes nothing, once its hold is over', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5 });
      await records.storage.release(await records.read(task));
      const before = await records.read(task);
      expect(await records.process().report(task, tick(9))).toBe('stop');
      expect(await records.read(task)).toEqual(before);
    });

    test('[I2] of one row changes nothing of another, whatever its token', async () => {
      const task = await records.claimed();
      await records.set(task, { id: ofAnotherRow(task).id });
      const before = await records.read(task);
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.read(task)).toEqual(before);
    });

    test('[I7] is stamped past the last one, also when the clock lags behind it', async () => {
      const task = await records.claimed();
      const future = 4_000_000_000_000_000;
      await records.set(task, { updated_at: future });
      await records.storage.report(task, tick(1));
      expect(await records.field(task, 'updated_at')).toBe(String(future + 1));
    });
  });

  describe('the end of a task', () => {
    test('[I1] is ahead, stays until it is confirmed, and is due no more', async () => {
      const task = await records.ended();
      const record = await records.read(task);
      expect(record).toMatchObject({ status: 'completed', result: '{"success":true}', error: null });
      expect(await records.hints(task)).toEqual({ ahead: record.updatedAt, due: null });
      expect(await records.timeToLive(task)).toBe(-1);
      expect(await records.finding(task)).toBe('ahead');
    });

    test('takes the place of the notes, also with an error', async () => {
      const task = await records.claimed();
      await records.storage.report(task, tick(3));
      await records.storage.end(task, { status: 'error', result: null, error: 'it broke' });
      expect(await records.read(task)).toMatchObject({ status: 'error', result: null, error: 'it broke' });
    });

    test('[I2] may come twice; nothing follows it', async () => {
      const task = await records.claimed();
      expect(await records.storage.end(task, completed)).toBe('written');
      const before = await records.read(task);
      expect(await records.storage.end(task, completed)).toBe('written');
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.storage.heartbeat(task)).toBe('stop');
      expect(await records.storage.end(task, { ...completed, status: 'error' })).toBe('stop');
      expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'ended' });
      expect(await records.read(task)).toEqual(before);
    });

    test.for(finalStatuses)('[I2] stops its worker, whoever ended it: %s', async (status) => {
      const task = await records.claimed();
      await records.set(task, { status });
      const before = await records.read(task);
      expect(await records.storage.report(task, started)).toBe('stop');
      expect(await records.read(task)).toEqual(before);
    });
  });

  describe('a heartbeat', () => {
    test('extends the claim, and moves no stamp', async () => {
      const task = await records.claimedAndClean();
      const { updatedAt } = await records.read(task);
      await records.set(task, { due_at: 5 });
      expect(await records.storage.heartbeat(task)).toBe('written');
      const record = await records.read(task);
      expect(record).toMatchObject({ status: 'accepted', updatedAt });
      expect(record.dueAt).toBeGreaterThan(await records.server.now());
      expect(await records.hints(task)).toEqual({ ahead: null, due: record.dueAt });
    });
  });
}
