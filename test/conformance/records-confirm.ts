import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { newTask, ofAnotherRow, seedOf, started } from './records-tasks.ts';

export function describeConfirm(records: RecordsBench): void {
  describe('confirm', () => {
    test('makes clean what was sent', async () => {
      const task = await records.claimed();
      const sent = await records.read(task);
      await records.storage.confirm(sent);
      expect(await records.read(task)).toEqual({ ...sent, syncedAt: sent.updatedAt });
      expect(await records.hints(task)).toEqual({ ahead: null, due: sent.dueAt });
    });

    test('[I1] counts only for the stamp, and at this stamp the status, that the record has reached', async () => {
      const task = await records.claimed();
      const sent = await records.read(task);
      await records.storage.confirm({ ...sent, updatedAt: sent.updatedAt + 5 });
      await records.storage.confirm({ ...sent, status: 'completed' });
      await records.storage.confirm(ofAnotherRow(sent));
      expect(await records.read(task)).toEqual(sent);
      expect(await records.finding(task)).toBe('ahead');
    });

    test('[I1] of an older life says nothing about the end of this one', async () => {
      const task = await records.ended();
      const sent = { ...(await records.read(task)), status: 'in_progress' as const };
      await records.storage.confirm(sent);
      expect(await records.finding(task)).toBe('ahead');
      expect(await records.timeToLive(task)).toBe(-1);
    });

    test("[I4] of a deleted task says nothing about another's, which has its correlation_id", async () => {
      const task = await records.ended();
      const sent = await records.read(task);
      await records.storage.settle(task);
      const next = { ...newTask(), correlationId: task.correlationId };
      await records.storage.seed(seedOf(next, { updatedAt: sent.updatedAt - 1 }));
      await records.storage.claim(next);
      const before = await records.read(next);
      await records.storage.confirm(sent);
      expect(await records.read(next)).toEqual(before);
    });

    test('[I1] keeps what came meanwhile ahead, also an end', async () => {
      const task = await records.claimed();
      const sent = await records.read(task);
      await records.storage.report(task, started);
      await records.storage.end(task, { status: 'completed', result: '{}', error: null });
      await records.storage.confirm(sent);
      expect((await records.read(task)).syncedAt).toBe(sent.updatedAt);
      expect([await records.finding(task), await records.hinted(task)]).toEqual(['ahead', 'ahead']);
      expect(await records.timeToLive(task)).toBe(-1);
    });

    test('[I2] never moves back', async () => {
      const task = await records.claimed();
      const old = await records.read(task);
      await records.storage.report(task, started);
      const sent = await records.read(task);
      await records.storage.confirm(sent);
      await records.storage.confirm(old);
      expect((await records.read(task)).syncedAt).toBe(sent.updatedAt);
    });

    test('lets a final record expire, and no other', async () => {
      const claimed = await records.claimedAndClean();
      expect(await records.timeToLive(claimed)).toBe(-1);
      const task = await records.ended();
      await records.set(task, { due_at: 5 });
      await records.storage.confirm(await records.read(task));
      expect(await records.timeToLive(task)).toBeGreaterThan(3590);
      expect(await records.timeToLive(task)).toBeLessThanOrEqual(3600);
    });

    test('of a final record takes its wait away', async () => {
      const task = await records.seeded();
      await records.set(task, { status: 'completed' });
      await records.storage.confirm(await records.read(task));
      expect(await records.hints(task)).toEqual({ ahead: null, due: null });
    });

    test('makes nothing where the record is gone, and drops its hint', async () => {
      const task = await records.claimed();
      const sent = await records.read(task);
      await records.remove(task);
      await records.storage.confirm(sent);
      expect(await records.timeToLive(task)).toBe(-2);
      expect((await records.hints(task)).ahead).toBeNull();
    });
  });
}
