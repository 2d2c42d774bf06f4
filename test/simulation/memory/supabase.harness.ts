import { randomUUID } from 'node:crypto';
import type { Limits, TasksUnderTest } from '../../conformance/tasks/given.ts';
import { createMemorySupabase, type MemorySupabaseOptions } from './supabase.ts';

/** For the conformance suite: with this machine’s clock, a millisecond later at each look at least. */
export function createMemoryTasks(limits: Limits, more: Partial<MemorySupabaseOptions> = {}): TasksUnderTest {
  let last = 0;
  const now = () => {
    last = Math.max(last + 1000, Math.round((performance.timeOrigin + performance.now()) * 1000));
    return last;
  };
  const supabase = createMemorySupabase({ now, ...limits, ...more });
  return {
    reconciler: supabase.asReconciler(),
    newUser: async () => {
      const id = randomUUID();
      return { id, tasks: supabase.asUser(id), owner: supabase.asOwner(id) };
    },
    usedToday: async ({ id }) => supabase.usage().find(({ userId }) => userId === id)?.used ?? 0,
  };
}
