import type { Claim } from '@tickwork/task/ports';
import { describe, expect, test } from 'vitest';
import type { RecordsBench } from './records-bench.ts';
import {
  another,
  checkpointAt,
  completed,
  drained,
  failed,
  given,
  maxAttempts,
  newTask,
  reaching,
  rowStamp,
  seedOf,
  started,
  tick,
} from './records-tasks.ts';

const fields = ['checkpoint', 'checkpoint_tick', 'checkpoint_ran_ms'];

export function describeCheckpoints(records: RecordsBench): void {
  async function reached(ticks: number): Promise<Claim> {
    const task = await records.claimed();
    expect(await records.storage.report(task, reaching(ticks))).toBe('written');
    return task;
  }

  /** What the next attempt is told, once the present one is lost. */
  async function next(task: Claim) {
    await records.set(task, { due_at: 5 });
    const claim = another(task);
    return { claim, answer: await records.storage.claim(claim) };
  }

  const endings: Readonly<Record<string, (task: Claim) => Promise<unknown>>> = {
    'its end': (task) => records.storage.end(task, completed),
    'a settle': (task) => records.storage.settle(task),
    'a fail': async (task) => records.storage.fail(await records.read(task), 'bad'),
    'its last release': async (task) => {
      await records.set(task, { due_at: 5, attempts: maxAttempts });
      expect(await records.storage.release(await records.read(task))).toBe('ended');
    },
  };

  const kept = (task: Claim) => Promise.all(fields.map((name) => records.field(task, name)));

  describe('a checkpoint', () => {
    test('[I2] is told to the next attempt, again where that answer was lost, and is nothing of the record', async () => {
      const task = await reached(3);
      const before = await records.read(task);
      expect(before).toMatchObject({ status: 'in_progress', tick: 3, result: '{"notes":"on the way"}' });
      expect(Object.values(before)).not.toContain(checkpointAt(3).state);
      const { claim, answer } = await next(task);
      expect(answer).toEqual(given(2, checkpointAt(3)));
      expect(await records.process().claim(claim)).toEqual(answer);
    });

    test('stays until there is a newer one, whatever else is reported', async () => {
      const task = await reached(3);
      await records.storage.report(task, tick(4));
      await records.storage.heartbeat(task);
      const { claim, answer } = await next(task);
      expect(answer).toEqual(given(2, checkpointAt(3)));
      await records.storage.report(claim, reaching(5));
      expect((await next(claim)).answer).toMatchObject({ checkpoint: checkpointAt(5) });
    });

    test('is kept by a hand-back and a release', async () => {
      const task = await reached(3);
      await records.storage.handBack(task, drained);
      const second = another(task);
      expect(await records.storage.claim(second)).toEqual(given(1, checkpointAt(3)));
      await records.set(task, { due_at: 5 });
      await records.storage.release(await records.read(task));
      const third = another(task);
      expect(await records.storage.claim(third)).toEqual(given(2, checkpointAt(3)));
    });

    test('[I2] of a worker that was taken over is not taken', async () => {
      const task = await reached(3);
      const { claim } = await next(task);
      for (const storage of [records.storage, records.process()])
        expect(await storage.report(task, reaching(9))).toBe('stop');
      expect((await next(claim)).answer).toMatchObject({ reason: 'no_attempt_left' });
      expect(await kept(task)).toEqual(['{"at":3}', '3', '3000']);
    });

    test('[I2] never goes back: one with fewer ticks is not taken, one with as many is', async () => {
      const task = await reached(3);
      expect(await records.storage.report(task, { ...tick(3), checkpoint: checkpointAt(2) })).toBe('written');
      expect(await kept(task)).toEqual(['{"at":3}', '3', '3000']);
      const sameTick = { ...checkpointAt(3), state: '"again"', ranMs: 4000 };
      await records.storage.report(task, { ...tick(3), checkpoint: sameTick });
      expect((await next(task)).answer).toMatchObject({ checkpoint: sameTick });
    });

    test('before the first tick is one too', async () => {
      const task = await records.claimed();
      await records.storage.report(task, { ...started, checkpoint: checkpointAt(0) });
      expect((await next(task)).answer).toEqual(given(2, checkpointAt(0)));
    });

    test.for(Object.entries(endings))('[I5] goes when the task ends: %s', async ([, end]) => {
      const task = await reached(3);
      await end(task);
      expect(await kept(task)).toEqual([null, null, null]);
    });

    test("[I4] of a deleted task is not another's, which has its correlation_id", async () => {
      const task = await reached(3);
      await records.storage.settle(task);
      const other = { ...newTask(), correlationId: task.correlationId };
      await records.storage.seed(seedOf(other));
      expect(await records.storage.claim(other)).toEqual(given(1));
    });

    test('[I6] is put back after FLUSHALL: the last that Redis took', async () => {
      const task = await reached(3);
      await records.storage.report(task, { ...tick(4), checkpoint: checkpointAt(2) });
      await records.remove(task);
      await records.storage.report(task, tick(5));
      expect((await next(task)).answer).toEqual(given(2, checkpointAt(3)));
    });

    test('[I2] is not put back over one with more ticks', async () => {
      const task = await reached(3);
      await records.remove(task);
      await records.storage.seed(seedOf(task));
      const other = another(task);
      await records.storage.claim(other);
      await records.storage.report(other, reaching(5));
      await records.storage.handBack(other, drained);
      expect(await records.storage.heartbeat(task)).toBe('written');
      expect(await kept(task)).toEqual(['{"at":5}', '5', '5000']);
    });

    test('[I6] is put back after FLUSHALL: the one that the claim told, also over what repair made', async () => {
      const { claim } = await next(await reached(3));
      await records.remove(claim);
      await records.storage.seed(seedOf(claim, { held: true, status: 'accepted' }));
      expect(await records.storage.heartbeat(claim)).toBe('written');
      expect(await kept(claim)).toEqual(['{"at":3}', '3', '3000']);
      expect(await records.read(claim)).toMatchObject({ attempts: 2, syncedAt: rowStamp });
    });
  });

  describe('the attempts', () => {
    test('[I5] count from the present one again when a checkpoint has more ticks: a task that gets on outlives its workers', async () => {
      let task = await records.claimed();
      for (const ticks of [1, 2, 3, 4]) {
        const { claim, answer } = await next(task);
        expect(answer).toEqual(given(2, ticks === 1 ? null : checkpointAt(ticks - 1)));
        await records.storage.report(claim, reaching(ticks));
        expect((await records.read(claim)).attempts).toBe(1);
        task = claim;
      }
    });

    test('[I5] count on when it has no more: a task that does not get on ends', async () => {
      const { claim } = await next(await reached(3));
      await records.storage.report(claim, reaching(3));
      await records.storage.report(claim, { ...tick(3), checkpoint: checkpointAt(2) });
      await records.storage.report(claim, tick(9));
      expect((await records.read(claim)).attempts).toBe(2);
      expect(await records.storage.handBack(claim, failed)).toBe('no_attempt_left');
      expect((await next(claim)).answer).toMatchObject({ reason: 'no_attempt_left' });
      expect(await records.storage.release(await records.read(claim))).toBe('ended');
    });

    test('[I5] count on when the first has no tick', async () => {
      const { claim } = await next(await records.claimed());
      await records.storage.report(claim, { ...started, checkpoint: checkpointAt(0) });
      expect((await records.read(claim)).attempts).toBe(2);
    });

    test('[I5] may be counted anew twice, where an answer was lost', async () => {
      const { claim } = await next(await records.claimed());
      for (const _ of [1, 2]) expect(await records.storage.report(claim, reaching(2))).toBe('written');
      expect((await records.read(claim)).attempts).toBe(1);
    });

    test('[I6] are put back after FLUSHALL as they were counted anew', async () => {
      const { claim } = await next(await records.claimed());
      await records.storage.report(claim, reaching(2));
      await records.remove(claim);
      await records.storage.heartbeat(claim);
      expect((await records.read(claim)).attempts).toBe(1);
    });
  });
}
