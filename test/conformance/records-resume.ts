import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import {
  another,
  claimMs,
  completed,
  newTask,
  ofAnotherRow,
  rowStamp,
  seedOf,
  started,
  tick,
} from './records-tasks.ts';

const future = 4_000_000_000_000_000;

export function describeResume(records: RecordsBench): void {
  describe('after FLUSHALL', () => {
    test('[I6] a worker within its claim goes on, past the last stamp it was told', async () => {
      const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
      const task = { ...newTask(), traceparent };
      await records.storage.seed(seedOf(task));
      await records.storage.claim(task);
      await records.storage.report(task, tick(4));
      const last = await records.read(task);
      await records.server.flush();
      expect(await records.storage.heartbeat(task)).toBe('written');
      const record = await records.read(task);
      expect(record).toEqual({ ...last, updatedAt: record.updatedAt, dueAt: record.dueAt, syncedAt: 0 });
      expect(record.updatedAt).toBeGreaterThan(last.updatedAt);
      expect(record.dueAt).toBeGreaterThanOrEqual(last.dueAt);
      expect(await records.field(task, 'dispatches')).toBe('0');
      expect(await records.field(task, 'synced_at')).toBe('0');
      expect(await records.hints(task)).toEqual({ ahead: record.updatedAt, due: record.dueAt });
      await records.expectHeard(task, `tasks:ahead ${task.correlationId} in_progress ${record.updatedAt}`);
    });

    test('[I7] it goes past the stamp it was told, also when the clock lags behind it', async () => {
      const task = await records.claimed();
      await records.set(task, { updated_at: future });
      await records.storage.report(task, started);
      await records.remove(task);
      await records.storage.heartbeat(task);
      expect(await records.field(task, 'updated_at')).toBe(String(future + 2));
    });

    test("[I7] and past the row's, from which repair put the record back", async () => {
      const task = await records.claimed();
      await records.remove(task);
      await records.storage.seed(seedOf(task, { held: true, updatedAt: future }));
      await records.storage.heartbeat(task);
      expect(await records.field(task, 'updated_at')).toBe(String(future + 1));
    });

    test.for([true, false])(
      '[I6] also when a seed was first, held for the worker that runs: %s',
      async (held) => {
        const task = await records.claimed();
        await records.remove(task);
        await records.storage.seed(seedOf(task, { held, status: 'accepted' }));
        expect(await records.storage.end(task, completed)).toBe('written');
        const record = await records.read(task);
        expect(record).toMatchObject({ status: 'completed', claim: task.token, syncedAt: rowStamp });
        expect(await records.finding(task)).toBe('ahead');
      },
    );

    test('[I6] what repair put back is held for the worker that runs', async () => {
      const task = await records.claimed();
      await records.remove(task);
      await records.storage.seed(seedOf(task, { held: true, status: 'accepted' }));
      expect(await records.storage.claim(another(task))).toMatchObject({ reason: 'taken' });
      expect(await records.storage.heartbeat(task)).toBe('written');
    });

    test('[I5] what was put back is due, also if its worker then dies', async () => {
      const task = await records.claimed();
      const { updatedAt, dueAt } = await records.read(task);
      await records.remove(task);
      await records.server.commands.taskResume(
        ...[`task:${task.correlationId}`, 'tasks:ahead', 'tasks:due', task.correlationId, task.id],
        ...[
          task.token,
          claimMs * 1000,
          dueAt,
          updatedAt,
          '',
          0,
          0,
          'user_id',
          task.userId,
          'status',
          'accepted',
        ],
      );
      const record = await records.read(task);
      expect(record.dueAt).toBeGreaterThan(dueAt);
      expect((await records.hints(task)).due).toBe(record.dueAt);
    });

    test('[I6] a report and a heartbeat at once put it back once', async () => {
      const task = await records.claimed();
      await records.remove(task);
      const answers = [records.storage.heartbeat(task), records.storage.report(task, tick(2))];
      expect(await Promise.all(answers)).toEqual(['written', 'written']);
      expect(await records.read(task)).toMatchObject({ status: 'in_progress', tick: 2, claim: task.token });
    });

    test('[I2] a worker stops where another has the task', async () => {
      const task = await records.claimed();
      await records.remove(task);
      await records.storage.seed(seedOf(task));
      await records.storage.claim(another(task));
      const before = await records.read(task);
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.read(task)).toEqual(before);
    });

    test('[I2] a worker stops where its task has ended', async () => {
      const task = await records.claimed();
      await records.remove(task);
      await records.storage.seed(seedOf(task));
      await records.storage.settle(task);
      const before = await records.read(task);
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.read(task)).toEqual(before);
    });

    test('[I2] a worker stops where the record is of another row', async () => {
      const task = await records.claimed();
      await records.remove(task);
      await records.storage.seed(seedOf(ofAnotherRow(task)));
      const before = await records.read(task);
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.read(task)).toEqual(before);
    });

    test("[I2] a worker whose claim has run out by Redis' clock stops: another may have had the task since", async () => {
      const brief = records.process({ claimMs: 1, now: () => 0 });
      const task = await records.seeded();
      await brief.claim(task);
      const { dueAt } = await records.read(task);
      await expect.poll(() => records.server.now()).toBeGreaterThan(dueAt);
      await records.remove(task);
      expect(await brief.report(task, tick(9))).toBe('stop');
      expect(await records.timeToLive(task)).toBe(-2);
    });

    test("[I7] a worker whose claim has run out by its own clock stops, also when Redis' clock was set back", async () => {
      let now = 0;
      const paused = records.process({ now: () => now });
      const task = await records.seeded();
      await paused.claim(task);
      now = 60_000;
      await records.remove(task);
      expect(await paused.report(task, tick(9))).toBe('stop');
      expect(await records.timeToLive(task)).toBe(-2);
    });

    test('[I2] a worker stops whose claim ends later than it can have been set: the clock is another', async () => {
      const task = await records.claimed();
      await records.set(task, { due_at: '99999999999999999' });
      await records.storage.claim(task); // tells that end
      await records.remove(task);
      expect(await records.storage.report(task, tick(9))).toBe('stop');
      expect(await records.timeToLive(task)).toBe(-2);
    });

    test('[I2] a worker that was told to stop puts nothing back', async () => {
      const task = await records.claimed();
      await records.storage.settle(task);
      expect(await records.storage.heartbeat(task)).toBe('stop');
      await records.remove(task);
      expect(await records.storage.heartbeat(task)).toBe('stop');
      expect(await records.timeToLive(task)).toBe(-2);
    });
  });
}
