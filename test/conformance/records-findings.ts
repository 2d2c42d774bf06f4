import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import { finalStatuses, hourMs, newTask, rowStamp, seedOf } from './records-tasks.ts';

export function describeFindings(records: RecordsBench): void {
  /** What the scan says, and what the hints say. */
  const findings = async (task: { correlationId: string }) => [
    await records.finding(task),
    await records.hinted(task),
  ];
  const inMs = async (ms: number) => (await records.server.now()) + ms * 1000;

  describe('what the scan and the hints name', () => {
    test('[I1] ahead, until it is confirmed', async () => {
      const task = await records.claimed();
      expect(await findings(task)).toEqual(['ahead', 'ahead']);
      await records.storage.confirm(await records.read(task));
      expect(await findings(task)).toEqual([undefined, undefined]);
    });

    test('[I1] ahead, where Supabase confirmed nothing yet', async () => {
      const task = await records.claimed();
      await records.server.flush();
      await records.storage.heartbeat(task);
      expect(await findings(task)).toEqual(['ahead', 'ahead']);
    });

    test.for(finalStatuses)('[I1] ahead, also when it has ended; then nothing: %s', async (status) => {
      const task = await records.claimed();
      await records.storage.end(task, { status, result: null, error: null });
      await records.set(task, { due_at: 5 });
      expect(await findings(task)).toEqual(['ahead', 'ahead']);
      await records.storage.confirm(await records.read(task));
      expect(await findings(task)).toEqual([undefined, undefined]);
    });

    test('the scan tells how many keys it looked at, found or not, and none beside the records', async () => {
      await records.server.flush();
      await records.seeded();
      await records.seeded({ waitMs: 0 });
      expect(await records.keys()).toBe(2);
    });

    test('[I5] due, when the wait is over', async () => {
      const task = await records.seeded({ waitMs: 0 });
      expect(await findings(task)).toEqual(['due', 'due']);
      const held = await records.seeded({ waitMs: 0, held: true });
      expect(await findings(held)).toEqual(['due', 'due']);
    });

    test('[I5] due, when the claim has run out', async () => {
      const task = await records.claimedAndClean();
      expect(await findings(task)).toEqual([undefined, undefined]);
      await records.set(task, { due_at: 5 });
      expect(await records.finding(task)).toBe('due');
    });

    test('[I7] due, when it is further ahead than it can have been set: a claim by a hold, a wait by the longest', async () => {
      const waiting = await records.seeded();
      const claimed = await records.claimedAndClean();
      const held = await records.seeded({ held: true });
      for (const task of [waiting, claimed, held]) await records.set(task, { due_at: await inMs(60_000) });
      expect(await records.finding(waiting)).toBeUndefined();
      expect(await records.finding(claimed)).toBe('due');
      expect(await records.finding(held)).toBe('due');
      await records.set(waiting, { due_at: await inMs(2 * hourMs) });
      expect(await records.finding(waiting)).toBe('due');
    });

    test('quiet, only where it is asked for, and only from the age on', async () => {
      const task = await records.claimedAndClean();
      const { updatedAt } = await records.read(task);
      const setStamps = (stamp: number) => records.set(task, { updated_at: stamp, synced_at: stamp });
      expect(await records.finding(task, hourMs)).toBeUndefined();
      await setStamps(updatedAt - hourMs * 1000);
      expect(await records.finding(task, hourMs)).toBe('quiet');
      expect(await records.finding(task, 2 * hourMs)).toBeUndefined();
      expect(await findings(task)).toEqual([undefined, undefined]);
    });

    test('[I7] quiet, when a clock went back and the stamp tells no age', async () => {
      const task = await records.claimedAndClean();
      const { updatedAt } = await records.read(task);
      const future = updatedAt + hourMs * 1000;
      await records.set(task, { updated_at: future, synced_at: future });
      expect(await records.finding(task, hourMs)).toBe('quiet');
    });

    test('not quiet: what no worker has, or is ahead, due or final', async () => {
      const waiting = await records.seeded();
      const held = await records.seeded({ held: true, waitMs: 10_000 });
      const ahead = await records.claimedAndClean();
      await records.set(ahead, { synced_at: rowStamp - 1 });
      const due = await records.claimedAndClean();
      await records.set(due, { due_at: 5 });
      const final = await records.claimedAndClean();
      await records.set(final, { status: 'completed' });
      const all = [waiting, held, ahead, due, final];
      await Promise.all(all.map((task) => records.set(task, { updated_at: rowStamp })));
      const found = await records.scan(records.storage, 0);
      const named = all.map(({ correlationId }) => found.get(correlationId));
      expect(named).toEqual([undefined, undefined, 'ahead', 'due', undefined]);
    });

    test('quiet, until it is settled; then the heartbeat says stop', async () => {
      const task = await records.claimedAndClean();
      expect(await records.finding(task, 0)).toBe('quiet');
      expect(await records.storage.heartbeat(task)).toBe('written');
      await records.storage.settle(task);
      expect(await records.finding(task, 0)).toBeUndefined();
      expect(await records.storage.heartbeat(task)).toBe('stop');
    });
  });

  describe('a scan', () => {
    test('names in small steps all that was there throughout, while other keys come and go', async () => {
      const small = records.process({ scanCount: 5 });
      const tasks = await Promise.all(Array.from({ length: 60 }, () => records.seeded({ waitMs: 0 })));
      const going = tasks.splice(0, 30);
      let steps = 0;
      const found = await records.scan(small, undefined, async () => {
        steps += 1;
        const gone = going.pop();
        if (gone) await records.remove(gone);
        await records.seeded({ waitMs: 0 });
      });
      expect(steps).toBeGreaterThan(3);
      expect(tasks.filter(({ correlationId }) => found.get(correlationId) !== 'due')).toEqual([]);
    });

    test('names nothing of another installation', async () => {
      const other = records.process({ keyPrefix: 'other:' });
      const task = newTask();
      await other.seed(seedOf(task, { waitMs: 0 }));
      expect((await records.scan(other)).get(task.correlationId)).toBe('due');
      const found = await records.scan(records.storage);
      expect([...found.keys()].filter((name) => name.includes(task.correlationId))).toEqual([]);
      expect(await other.hinted(10)).toEqual([{ correlationId: task.correlationId, finding: 'due' }]);
    });
  });
}
