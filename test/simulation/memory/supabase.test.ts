import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newTask, wide } from '../../conformance/tasks/given.ts';
import { describeTasks } from '../../conformance/tasks.ts';
import { steps } from '../../conformance/twins/steps.ts';
import { createTwin, newNames } from '../../conformance/twins/twin.ts';
import { taskProtections } from './protections.ts';
import { createMemoryTasks } from './supabase.harness.ts';
import { createMemorySupabase } from './supabase.ts';

describeTasks('Supabase in memory', async (limits) => createMemoryTasks(limits));

describe('without a protection', () => {
  const ofSyncs = taskProtections.filter((protection) => protection !== 'charge_in_insert');
  test.each(ofSyncs)('%s: it answers otherwise', async (protection) => {
    const whole = await createTwin(createMemoryTasks(wide));
    const without = await createTwin(createMemoryTasks(wide, { without: new Set([protection]) }));
    const alike = fc.asyncProperty(steps, async (given) => {
      const names = newNames();
      expect(await without.run(names, given)).toEqual(await whole.run(names, given));
    });
    const { failed } = await fc.check(alike, { seed: 1, numRuns: 500, endOnFailure: true });
    expect(failed).toBe(true);
  });

  test('charge_in_insert: its steps are the caller’s to order', async () => {
    const paused: (() => void)[] = [];
    const pause = () => new Promise<void>((resolve) => paused.push(resolve));
    const without = new Set(['charge_in_insert'] as const);
    const supabase = createMemorySupabase({ now: () => 0, dailyLimit: 1, without, pause });
    const [userId, tasks] = ['u', supabase.asUser('u')];
    const inserts = [tasks.insert(newTask(userId)), tasks.insert(newTask(userId))];
    expect(supabase.rows().size).toBe(0);
    while (paused.length > 0) {
      paused.shift()?.();
      await Promise.resolve();
    }
    await Promise.all(inserts);
    expect(supabase.rows().size).toBe(2);
    expect(supabase.usage()).toEqual([{ userId, date: '1970-01-01', used: 1 }]);
    await expect(tasks.insert(newTask(userId))).rejects.toMatchObject({ code: 'quota_exceeded' });
  });
});

describe('a backup', () => {
  test('brings rows and usage back as they were, and no id twice', async () => {
    let now = Date.UTC(2026, 0, 31, 23, 59, 59) * 1000;
    const supabase = createMemorySupabase({ now: () => now });
    const userId = randomUUID();
    const [tasks, owner] = [supabase.asUser(userId), supabase.asOwner(userId)];
    const kept = await tasks.insert(newTask(userId));
    const backup = supabase.snapshot();
    const before = new Map(supabase.rows());
    now += 2_000_000;
    const lost = newTask(userId);
    const { id } = await tasks.insert(lost);
    await owner.cancel(kept.correlationId);
    const dates = supabase.usage().map(({ date, used }) => [date, used]);
    expect(dates).toEqual([
      ['2026-01-31', 1],
      ['2026-02-01', 1],
    ]);
    supabase.restore(backup);
    expect(supabase.rows()).toEqual(before);
    expect(supabase.usage()).toEqual([{ userId, date: '2026-01-31', used: 1 }]);
    expect((await tasks.insert(lost)).id).not.toBe(id);
    expect(backup.rows).toEqual(before);
  });
});
