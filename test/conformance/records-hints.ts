import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { newTask, rowStamp, seedOf } from './records-tasks.ts';

export function describeHints(records: RecordsBench): void {
  describe('a hint', () => {
    test('is named oldest first, so many of each kind', async () => {
      const storage = records.process({ keyPrefix: 'hints:' });
      const named = async (waitMs: number, updatedAt: number) => {
        const task = newTask();
        await storage.seed(seedOf(task, { waitMs, updatedAt }));
        return task;
      };
      const due = [await named(-2000, rowStamp), await named(-1000, rowStamp), await named(-3000, rowStamp)];
      const future = 4_000_000_000_000_000;
      const ahead = [
        await named(60_000, future + 20),
        await named(60_000, future + 10),
        await named(60_000, future),
      ];
      for (const task of ahead) await storage.claim(task);
      const found = (await storage.hinted(2)).map(({ correlationId }) => correlationId);
      const expected = [ahead[2], ahead[1], due[2], due[0]].map((task) => task?.correlationId);
      expect(found).toEqual(expected);
    });

    test('whose record is gone is dropped', async () => {
      const task = await records.claimed({ waitMs: 0 });
      await records.set(task, { due_at: 5 });
      await records.storage.release(await records.read(task));
      await records.remove(task);
      expect((await records.hints(task)).ahead).not.toBeNull();
      expect(await records.hinted(task)).toBeUndefined();
      expect((await records.hints(task)).ahead).toBeNull();
    });

    test('of a wait is dropped when its record is gone, or has ended and is clean', async () => {
      const gone = await records.seeded({ waitMs: 0 });
      await records.remove(gone);
      const ended = await records.seeded({ waitMs: 0 });
      await records.set(ended, { status: 'completed' });
      for (const task of [gone, ended]) expect((await records.hints(task)).due).not.toBeNull();
      const named = (await records.storage.hinted(1000)).map(({ correlationId }) => correlationId);
      for (const task of [gone, ended]) {
        expect(named).not.toContain(task.correlationId);
        expect(await records.hints(task)).toEqual({ ahead: null, due: null });
      }
    });

    test('that something is ahead is dropped when it is no longer', async () => {
      const task = await records.claimed();
      await records.set(task, { synced_at: (await records.read(task)).updatedAt });
      expect(await records.hinted(task)).toBeUndefined();
      expect((await records.hints(task)).ahead).toBeNull();
    });

    test('[I5] of a wait stays while its record is ahead, and is put right where it came too early', async () => {
      const task = await records.seeded({ waitMs: 0 });
      const { due } = await records.hints(task);
      await records.set(task, { updated_at: rowStamp + 1 });
      await records.storage.hinted(1000);
      expect((await records.hints(task)).due).toBe(due);
      const dueAt = (await records.server.now()) + 60_000_000;
      await records.set(task, { updated_at: rowStamp, due_at: dueAt });
      expect(await records.hinted(task)).toBeUndefined();
      expect((await records.hints(task)).due).toBe(dueAt);
    });
  });
}
