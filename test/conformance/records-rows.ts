import type { TaskRecord } from '@tickwork/task/task';
import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { newTask, ofAnotherRow, rowStamp, started, tick } from './records-tasks.ts';

/** What the reconciler does to a record whose row says otherwise. */
export function describeRows(records: RecordsBench): void {
  async function expectUnchanged(task: { correlationId: string }, act: () => Promise<unknown>) {
    const before = await records.read(task);
    await act();
    expect(await records.read(task)).toEqual(before);
  }

  async function expectToldAndAhead(task: { correlationId: string }, record: TaskRecord) {
    expect((await records.hints(task)).ahead).toBe(record.updatedAt);
    expect([await records.finding(task), await records.timeToLive(task)]).toEqual(['ahead', -1]);
    await records.expectHeard(task, `tasks:ahead ${task.correlationId} ${record.status} ${record.updatedAt}`);
  }

  describe('settle', () => {
    test('[I5] ends a record whatever its stamp, makes it clean, and lets it expire', async () => {
      const task = await records.claimed();
      await records.storage.settle(task);
      const record = await records.read(task);
      expect(record).toMatchObject({ status: 'cancelled', syncedAt: record.updatedAt });
      expect(await records.finding(task)).toBeUndefined();
      expect(await records.hints(task)).toEqual({ ahead: null, due: null });
      expect(await records.timeToLive(task)).toBeGreaterThan(3590);
      expect(await records.timeToLive(task)).toBeLessThanOrEqual(3600);
      await records.expectHeard(task, `tasks:settled ${task.correlationId} cancelled ${record.updatedAt}`);
      expect(await records.storage.report(task, started)).toBe('stop');
    });

    test.for(['completed', 'error'] as const)('[I2] leaves the end that a task had: %s', async (status) => {
      const task = await records.claimed();
      await records.storage.end(task, { status, result: null, error: null });
      await records.storage.settle(task);
      expect((await records.read(task)).status).toBe(status);
    });

    test("[I4] leaves another row's record, and makes none", async () => {
      const task = await records.claimed();
      await expectUnchanged(task, () => records.storage.settle(ofAnotherRow(task)));
      const gone = newTask();
      await records.storage.settle(gone);
      expect(await records.timeToLive(gone)).toBe(-2);
    });
  });

  describe('rebase', () => {
    test("goes past the row's stamp, and carries no value", async () => {
      const task = await records.claimed();
      const sent = await records.read(task);
      const row = sent.updatedAt + 10;
      await records.storage.rebase(sent, row);
      const record = await records.read(task);
      expect(record).toEqual({ ...sent, updatedAt: row + 1, syncedAt: row });
      await expectToldAndAhead(task, record);
    });

    test('[I2] is only for the record as it was sent: what came since is judged by itself', async () => {
      const task = await records.claimed();
      const sent = await records.read(task);
      await records.storage.report(task, tick(1));
      await expectUnchanged(task, () => records.storage.rebase(sent, rowStamp + 10));
      const now = await records.read(task);
      await expectUnchanged(task, () => records.storage.rebase(ofAnotherRow(now), rowStamp + 10));
    });

    test('keeps for good what was about to expire', async () => {
      const task = await records.endedAndClean();
      const sent = await records.read(task);
      await records.storage.rebase(sent, sent.updatedAt + 10);
      await expectToldAndAhead(task, await records.read(task));
    });
  });

  describe('fail', () => {
    test('[I5] ends what cannot be stored, also over a final status, and nobody has it then', async () => {
      const task = await records.claimed();
      await records.storage.report(task, tick(3));
      await records.storage.end(task, { status: 'completed', result: '{broken', error: null });
      await records.storage.fail(await records.read(task), 'bad');
      const record = await records.read(task);
      expect(record).toMatchObject({ status: 'error', error: 'bad', result: null, tick: null, claim: '' });
      await expectToldAndAhead(task, record);
    });

    test('[I7] is stamped past what was confirmed, not past a stamp that is the fault itself', async () => {
      const task = await records.claimed();
      const future = 4_000_000_000_000_000;
      await records.set(task, { updated_at: future });
      await records.storage.fail(await records.read(task), 'bad');
      expect((await records.read(task)).updatedAt).toBeLessThanOrEqual(await records.server.now());
      await records.set(task, { updated_at: future, synced_at: future });
      await records.storage.fail(await records.read(task), 'bad');
      expect((await records.read(task)).updatedAt).toBe(future + 1);
    });

    test('[I2] is only for the record as it was sent', async () => {
      const task = await records.ended();
      const sent = await records.read(task);
      await expectUnchanged(task, () => records.storage.fail({ ...sent, updatedAt: 1 }, 'bad'));
      await expectUnchanged(task, () => records.storage.fail(ofAnotherRow(sent), 'bad'));
    });

    test('keeps for good what was about to expire, and takes its wait away', async () => {
      const expiring = await records.endedAndClean();
      await records.storage.fail(await records.read(expiring), 'bad');
      await expectToldAndAhead(expiring, await records.read(expiring));
      const waiting = await records.claimed();
      await records.storage.fail(await records.read(waiting), 'bad');
      expect((await records.hints(waiting)).due).toBeNull();
    });
  });

  describe('reopen', () => {
    test('[I1] makes a confirmed end ahead of a restored row again, and lasting', async () => {
      const task = await records.endedAndClean();
      await records.storage.reopen(task, rowStamp);
      const record = await records.read(task);
      expect(record).toMatchObject({ status: 'completed', syncedAt: rowStamp });
      await expectToldAndAhead(task, record);
    });

    test('[I1] also an end whose stamp the row has, or has passed', async () => {
      for (const past of [0, 10]) {
        const task = await records.endedAndClean();
        const { updatedAt } = await records.read(task);
        await records.storage.reopen(task, updatedAt + past);
        const record = await records.read(task);
        expect(record).toMatchObject({ updatedAt, syncedAt: updatedAt - 1 });
        await expectToldAndAhead(task, record);
      }
    });

    test('also a record that runs, where its row is behind', async () => {
      const task = await records.claimedAndClean();
      await records.storage.reopen(task, rowStamp);
      expect(await records.finding(task)).toBe('ahead');
    });

    test('is nothing for what is ahead already, has nothing newer, is of another row, or gone', async () => {
      const ahead = await records.ended();
      await expectUnchanged(ahead, () => records.storage.reopen(ahead, rowStamp - 5));
      const task = await records.claimedAndClean();
      const { updatedAt } = await records.read(task);
      await expectUnchanged(task, () => records.storage.reopen(task, updatedAt));
      await expectUnchanged(task, () => records.storage.reopen(task, updatedAt + 10));
      await expectUnchanged(task, () => records.storage.reopen(ofAnotherRow(task), rowStamp));
      const gone = newTask();
      await records.storage.reopen(gone, rowStamp);
      expect(await records.timeToLive(gone)).toBe(-2);
    });
  });
}
