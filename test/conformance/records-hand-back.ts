import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import {
  another,
  claimMs,
  drained,
  failed,
  given,
  hourMs,
  newTask,
  ofAnotherRow,
  reaching,
  seedOf,
  tick,
} from './records-tasks.ts';

export function describeHandBack(records: RecordsBench): void {
  describe('a worker that hands back', () => {
    test('leaves the task due, its attempt not counted', async () => {
      const task = await records.claimedAndClean();
      expect(await records.storage.handBack(task, drained)).toBe('handed_back');
      expect(await records.finding(task)).toBe('due');
      expect(await records.field(task, 'attempts')).toBe('0');
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.storage.claim(another(task))).toEqual(given(1));
    });

    test('says when it is due, and wakes whoever dispatches', async () => {
      const task = await records.claimedAndClean();
      await records.storage.handBack(task, { ...drained, waitMs: 40_000 });
      const { dueAt, claim } = await records.read(task);
      expect(claim).toBe('');
      expect(dueAt - (await records.server.now())).toBeGreaterThan(30_000_000);
      expect((await records.hints(task)).due).toBe(dueAt);
      await records.expectHeard(task, `tasks:due ${task.correlationId}`);
    });

    test('takes back one attempt of several', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: 5 });
      const second = another(task);
      await records.storage.claim(second);
      await records.storage.handBack(second, drained);
      expect((await records.read(task)).attempts).toBe(1);
    });

    test('may do it twice, and never counts below none', async () => {
      const task = await records.claimed();
      await records.set(task, { attempts: 0 });
      await records.storage.handBack(task, drained);
      await records.storage.handBack(task, { ...drained, waitMs: 40_000 });
      const record = await records.read(task);
      expect(record.attempts).toBe(0);
      expect(record.dueAt).toBeLessThanOrEqual(await records.server.now());
    });

    test("[I2] changes nothing that is not its own: another's claim, another row, a task that ended", async () => {
      const taken = await records.claimed();
      await records.set(taken, { due_at: 5 });
      await records.storage.claim(another(taken));
      const other = await records.claimed();
      await records.set(other, { id: ofAnotherRow(other).id });
      const ended = await records.ended();
      for (const task of [taken, other, ended]) {
        const before = await records.read(task);
        expect(await records.storage.handBack(task, drained)).toBe('stop');
        expect(await records.storage.handBack(task, failed)).toBe('stop');
        expect(await records.read(task)).toEqual(before);
      }
    });

    test('[I6] puts back first what a flush took, and what repair made of it', async () => {
      for (const repaired of [false, true]) {
        const task = await records.claimed();
        await records.storage.report(task, reaching(4));
        await records.remove(task);
        if (repaired) await records.storage.seed(seedOf(task, { held: true, waitMs: claimMs }));
        expect(await records.storage.handBack(task, drained)).toBe('handed_back');
        expect(await records.storage.claim(another(task))).toEqual(given(1, reaching(4).checkpoint));
      }
    });

    test('[I2] puts nothing back that it has handed back, or has no hold of', async () => {
      const task = await records.claimed();
      await records.storage.handBack(task, drained);
      await records.remove(task);
      expect(await records.storage.handBack(task, drained)).toBe('stop');
      expect(await records.storage.handBack(newTask(), drained)).toBe('stop');
      expect(await records.timeToLive(task)).toBe(-2);
    });
  });

  describe('a worker whose attempt failed', () => {
    test('[I5] leaves the task to be tried again after a wait, its attempt counted', async () => {
      const task = await records.claimedAndClean();
      const { updatedAt } = await records.read(task);
      expect(await records.storage.handBack(task, { ...failed, waitMs: 40_000 })).toBe('handed_back');
      const record = await records.read(task);
      expect(record).toMatchObject({ status: 'accepted', updatedAt, claim: '', attempts: 1 });
      expect(record.dueAt - (await records.server.now())).toBeGreaterThan(30_000_000);
      expect(await records.finding(task)).toBeUndefined();
      await records.set(task, { due_at: 5 });
      expect(await records.finding(task)).toBe('due');
      expect(await records.storage.release(await records.read(task))).toBe('publish');
      expect(await records.storage.claim(another(task))).toEqual(given(2));
    });

    test('[I5] after the last one ends the task itself: the claim stays, and nothing is changed', async () => {
      const task = await records.claimed();
      await records.storage.handBack(task, failed);
      const last = another(task);
      await records.storage.claim(last);
      const before = await records.read(task);
      expect(await records.storage.handBack(last, failed)).toBe('no_attempt_left');
      expect(await records.storage.handBack(last, failed)).toBe('no_attempt_left');
      expect(await records.read(task)).toEqual(before);
      const end = { status: 'error', result: null, error: 'it broke' } as const;
      await records.remove(task);
      expect(await records.storage.end(last, end)).toBe('written');
      expect(await records.read(task)).toMatchObject({ status: 'error', attempts: 2 });
    });

    test('may hand back twice: the second finds the claim gone, and counts nothing', async () => {
      const task = await records.claimed();
      await records.storage.handBack(task, failed);
      const before = await records.read(task);
      expect(await records.storage.handBack(task, { ...failed, waitMs: 40_000 })).toBe('stop');
      expect(await records.process().handBack(task, failed)).toBe('stop');
      expect(await records.read(task)).toEqual(before);
    });

    test('waits no longer than counts as waiting', async () => {
      const task = await records.claimedAndClean();
      await records.storage.handBack(task, { ...failed, waitMs: 5 * hourMs });
      const { dueAt } = await records.read(task);
      expect(dueAt).toBeLessThanOrEqual((await records.server.now()) + hourMs * 1000);
      expect(await records.finding(task)).toBeUndefined();
    });

    test('is due as it says, also where the submit that published it is late', async () => {
      const task = await records.claimedAndClean();
      await records.storage.handBack(task, { ...failed, waitMs: 1000 });
      const { dueAt } = await records.read(task);
      await records.storage.scheduleDispatch(task, 300_000);
      expect((await records.read(task)).dueAt).toBe(dueAt);
      await records.storage.scheduleDispatch(task, 0);
      expect((await records.read(task)).dueAt).toBeLessThan(dueAt);
    });
  });
}
