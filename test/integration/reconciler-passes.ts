import { randomUUID } from 'node:crypto';
import { createClock } from '@tickwork/runtime/process/clock';
import { createRedisClient } from '@tickwork/runtime/redis/client';
import { RedisTaskStorage } from '@tickwork/runtime/redis/redis-task-storage';
import type { Envelope } from '@tickwork/task/envelope';
import type { Claim } from '@tickwork/task/ports';
import type { TaskKey, TaskRecord } from '@tickwork/task/task';
import { createApply } from '../../services/gateway/src/reconcile/apply.ts';
import { protocolLimits } from '../../services/gateway/src/reconcile/decide.ts';
import { createReconcilerEvents, type PassName } from '../../services/gateway/src/reconcile/events.ts';
import { createPasses } from '../../services/gateway/src/reconcile/passes.ts';
import { createReconcile } from '../../services/gateway/src/reconcile/reconcile.ts';
import { createSupabaseClient } from '../../services/gateway/src/supabase/client.ts';
import { isContentFault } from '../../services/gateway/src/supabase/errors.ts';
import { SupabaseTaskStorage } from '../../services/gateway/src/supabase/supabase-task-storage.ts';
import { createProject } from '../stack/fixture.ts';
import { query } from '../stack/postgres.ts';
import { createRedis } from '../stack/redis.ts';
import { signIn, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';

const claimMs = 15_000;
const { signal } = new AbortController();

export type PassesOnServers = Awaited<ReturnType<typeof createPassesOnServers>>;

/** The reconciler's passes over a Supabase and a Redis of their own, one at a time; workers and time are the test's. */
export async function createPassesOnServers() {
  const [project, server] = await Promise.all([createProject(), createRedis()]);
  const redis = createRedisClient({
    url: server.url,
    connectionName: 'test',
    commandTimeoutMs: 5000,
    onError: () => {},
  });
  await waitFor('Redis to be reached', () => redis.status === 'ready');
  const records = new RedisTaskStorage(redis, { claimMs, maxAttempts: 2 });
  const client = createSupabaseClient({ url: project.url, anonKey: project.anonKey });
  const tasks = new SupabaseTaskStorage(client, () => project.reconcilerToken);
  const user = await signIn({ url: '', project });
  const userId = (await user.supabase.auth.getUser(user.token)).data.user?.id ?? '';
  const published: Envelope[] = [];
  const acted: string[] = [];

  const clock = createClock();
  const events = createReconcilerEvents();
  events.on('acted', ({ action }) => action.kind !== 'none' && acted.push(`${action.kind} ${action.reason}`));
  const queue = { isReady: () => true, publish: async (envelope: Envelope) => void published.push(envelope) };
  const settings = { claimMs, publishTimeoutMs: 5000, publishRetryMs: 2000 };
  const apply = createApply({ records, queue, events, clock, settings });
  const limits = protocolLimits;
  const reconcile = createReconcile({ tasks, queue, apply, events, clock, isContentFault, limits });
  const passes = createPasses({
    ...{ tasks, records, reconcile, events, clock },
    limits: {
      ...{ hintsPerPass: 500, rowsPerPage: 2, repairMinAgeMs: 0, quietAgeMs: 0 },
      scan: { share: 1, longestPauseMs: 0, mostRestarts: 0 },
    },
  });

  return {
    records,
    redis,
    /** As a frontend does. */
    table: () => user.supabase.from('tasks'),
    published,

    /** What the passes did, `none` left out; each is made to its end before the next. */
    async run(...names: PassName[]): Promise<string[]> {
      acted.length = 0;
      for (const name of names) await passes[name](signal);
      return [...acted];
    },

    /** A row alone, as after a gateway that died. */
    async insert(correlationId: string = randomUUID()): Promise<Claim> {
      const row = { correlation_id: correlationId, user_id: userId, mandate: 'One.' };
      const { data, error } = await user.supabase.from('tasks').insert(row).select().single();
      if (error) throw error;
      return { correlationId, id: data.id, userId, token: randomUUID(), traceparent: null };
    },

    /** The row, as its user sees it. */
    async row({ correlationId }: TaskKey): Promise<TaskJson | null> {
      const { data } = await user.supabase.from('tasks').select().eq('correlation_id', correlationId);
      return (data?.[0] as TaskJson | undefined) ?? null;
    },

    async record({ correlationId }: TaskKey): Promise<TaskRecord | null> {
      return (await records.read([correlationId]))[0] ?? null;
    },

    /** Its wait, or its worker's claim, is over. */
    async makeDue({ correlationId }: TaskKey): Promise<void> {
      await redis.hset(`task:${correlationId}`, { due_at: 1 });
    },

    /** By the superuser, past all guards: as a database that was restored. */
    async restore({ id }: TaskKey, change: string): Promise<void> {
      await query(
        project.superuserUrl,
        `begin; set local session_replication_role = replica; ${change} where id = '${id}'; commit`,
      );
    },

    async close(): Promise<void> {
      redis.disconnect();
      await server.close();
      await project.close();
    },
  };
}
