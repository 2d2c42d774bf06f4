import { randomUUID } from 'node:crypto';
import { describeTasks } from '../../conformance/tasks.ts';
import { createMemorySupabase } from './supabase.ts';

const now = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

describeTasks('Supabase in memory', async (limits) => {
  const supabase = createMemorySupabase({ now, ...limits });
  return {
    reconciler: supabase.asReconciler(),
    newUser: async () => {
      const id = randomUUID();
      return { id, tasks: supabase.asUser(id), owner: supabase.asOwner(id) };
    },
    usedToday: async ({ id }) => supabase.usage().find(({ userId }) => userId === id)?.used ?? 0,
  };
});
