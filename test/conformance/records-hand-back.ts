import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { another, ofAnotherRow, tick } from './records-tasks.ts';

export function describeHandBack(records: RecordsBench): void {
  describe('a worker that hands back', () => {
    test('leaves the task due, its attempt not counted', async () => {
      const task = await records.claimedAndClean();
      await records.storage.handBack(task, 0);
      expect(await records.finding(task)).toBe('due');
      expect(await records.field(task, 'attempts')).toBe('0');
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.storage.claim(another(task))).toEqual({ claimed: true, attempt: 1 });
    });

    test('says when it is due, and wakes whoever dispatches', async () => {
      const task = await records.claimedAndClean();
      await records.storage.handBack(task, 40_000);
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
      await records.storage.handBack(second, 0);
      expect((await records.read(task)).attempts).toBe(1);
    });

    test('may do it twice, and never counts below none', async () => {
      const task = await records.claimed();
      await records.set(task, { attempts: 0 });
      await records.storage.handBack(task, 0);
      await records.storage.handBack(task, 40_000);
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
        await records.storage.handBack(task, 0);
        expect(await records.read(task)).toEqual(before);
      }
    });
  });
}
