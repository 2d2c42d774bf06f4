import { randomUUID } from 'node:crypto';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { createSupabaseClient } from '../../services/gateway/src/supabase/client.ts';
import { type Failure, toTaskError } from '../../services/gateway/src/supabase/errors.ts';
import { SupabaseTaskStorage } from '../../services/gateway/src/supabase/supabase-task-storage.ts';
import type { Owner, OwnerChange } from '../conformance/owner.ts';
import type { Limits, TasksUnderTest, TestUser } from '../conformance/tasks/given.ts';
import type { Project } from '../stack/fixture.ts';
import { query } from '../stack/postgres.ts';
import { demoPassword } from '../stack/sign-in.ts';

/** The product's adapter, and stock supabase-js for owners, over a project of a test's own. */
export async function createRealTasks(project: Project, limits: Limits): Promise<TasksUnderTest> {
  const client = createSupabaseClient(project);
  const { dailyLimit, activeLimit } = limits;
  await query(
    project.databaseUrl,
    `update internal.settings set daily_tick_limit = ${dailyLimit}, active_task_limit = ${activeLimit}`,
  );

  async function newUser(): Promise<TestUser> {
    const stock = createClient(project.url, project.anonKey, { auth: { persistSession: false } });
    const email = `${randomUUID()}@example.com`;
    const { data, error } = await stock.auth.signInWithPassword({ email, password: demoPassword });
    if (error) throw error;
    const tasks = new SupabaseTaskStorage(client, () => data.session.access_token);
    return { id: data.user.id, tasks, owner: createRealOwner(stock) };
  }

  return {
    reconciler: new SupabaseTaskStorage(client, () => project.reconcilerToken),
    newUser,
    usedToday: async ({ id }) => {
      const { rows } = await query(
        project.superuserUrl,
        `select coalesce(sum(ticks_used), 0)::int as used from public.user_daily_usage where user_id = '${id}'`,
      );
      return Number(rows[0]?.used);
    },
  };
}

interface Answer {
  readonly data: readonly unknown[] | null;
  readonly error: Failure | null;
  readonly status: number;
}

function createRealOwner(stock: SupabaseClient): Owner {
  const there = ({ data, error, status }: Answer): boolean => {
    if (error) throw toTaskError(error, status);
    return data !== null && data.length > 0;
  };
  const update = async (correlationId: string, change: OwnerChange) =>
    there(
      await stock.from('tasks').update(toColumns(change)).eq('correlation_id', correlationId).select('id'),
    );
  return {
    insert: async (task, given = {}) => {
      there(await stock.from('tasks').insert(toColumns({ ...given, ...task })));
    },
    update,
    touch: (correlationId) => update(correlationId, { updatedAt: '2020-01-01T00:00:00Z' }),
    cancel: (correlationId) => update(correlationId, { status: 'cancelled' }),
    remove: async (correlationId) =>
      there(await stock.from('tasks').delete().eq('correlation_id', correlationId).select('id')),
  };
}

function toColumns(change: OwnerChange): Record<string, unknown> {
  const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(change).map(([name, value]) => [snakeCase(name), value]));
}
