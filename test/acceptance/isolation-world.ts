import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { createProject } from '../stack/fixture.ts';
import { query } from '../stack/postgres.ts';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { waitFor } from '../stack/wait-for.ts';
import { collectTraces } from './collected-traces.ts';
import { tokensOfNobody, tokensOfOthers } from './isolation-nobody.ts';
import type { Known } from './isolation-routes.ts';
import { recordSupabase } from './recorded-supabase.ts';

export type World = Awaited<ReturnType<typeof createWorld>>;

/**
 * The whole stack as it says the most about itself, a user with tasks in every state, and another who is after them. The reconciler
 * is stopped once the tasks are there, so whatever changes one after that came with a request.
 */
export async function createWorld() {
  const [traces, project] = await Promise.all([collectTraces(), createProject()]);
  const supabase = await recordSupabase(project.url);
  // Long claims: no load of the machine lets one run out.
  const talking = { LOG_LEVEL: 'trace', CLAIM_MS: '60000', ...traces.env };
  const api = { ...talking, ...supabase.env, WRITES_PER_MINUTE: '100000' };
  const tickwork = await startTickwork({ project, extraEnv: { api, reconciler: talking, worker: talking } });
  const redis = new Redis(tickwork.redis.url);
  const [owner, other] = await Promise.all([signIn(tickwork), signIn(tickwork)]);
  const { data } = await owner.supabase.auth.getUser(owner.token);
  const ownerId = data.user?.id ?? '';

  const secret = `secret-${randomUUID()}`;
  const key = `key-${randomUUID()}`;
  const tasks = await tasksInEveryState({ tickwork, redis, owner, ownerId, secret, key });

  /** All that there is of the owner, in Supabase and in Redis. */
  async function state(): Promise<unknown> {
    const tables = ['tasks', 'profiles', 'user_daily_usage'].map(async (table) => {
      const sql = `select * from public.${table} where user_id = '${ownerId}' order by 1`;
      return (await query(project.superuserUrl, sql)).rows;
    });
    const records = Object.values(tasks).map(async ({ correlation_id }) => {
      const { due_at: _heartbeats, ...record } = await redis.hgetall(`task:${correlation_id}`);
      return record;
    });
    return { tables: await Promise.all(tables), records: await Promise.all(records) };
  }

  return {
    tickwork,
    project,
    redis,
    supabase,
    traces,
    owner,
    ownerId,
    other,
    nobody: await tokensOfNobody(project, ownerId),
    others: await tokensOfOthers(project, ownerId),
    /** In every mandate, and so in every result and error. */
    secret,
    /** Of the task that is completed. */
    key,
    tasks,
    state,
    close: async () => {
      redis.disconnect();
      await tickwork.close();
      await supabase.close();
      traces.close();
    },
  };
}

interface Given {
  readonly tickwork: Awaited<ReturnType<typeof startTickwork>>;
  readonly redis: Redis;
  readonly owner: Awaited<ReturnType<typeof signIn>>;
  readonly ownerId: string;
  readonly secret: string;
  readonly key: string;
}

export const states = [
  'completed',
  'failed',
  'running',
  'cancelled',
  'deleted',
  'ahead',
  'withoutRecord',
] as const;

async function tasksInEveryState({ tickwork, redis, owner, ownerId, secret, key }: Given) {
  const submit = async (mandate: string, headers: Record<string, string> = {}) => {
    const response = await owner.call('/tasks', {
      method: 'POST',
      headers,
      body: JSON.stringify({ mandate }),
    });
    return (await response.json()) as TaskJson;
  };
  const reached = async ({ correlation_id }: TaskJson, ...statuses: string[]) =>
    owner.untilStatus(correlation_id, ...statuses);
  const done = async (task: TaskJson, method: string, action: string) => {
    await owner.call(`/tasks/${task.correlation_id}${action}`, { method });
    return task;
  };
  const completed = await reached(
    await submit(`${secret} one. ${secret} two.`, { 'idempotency-key': key }),
    'completed',
  );
  const failed = await reached(await submit(`fail: ${secret}`), 'error');
  const running = await reached(await submit(`wait 900s: ${secret}`), 'started');
  const cancelled = await done(await submit(`wait 900s: ${secret}`), 'POST', '/cancel');
  const deleted = await done(await submit(`wait 900s: ${secret}`), 'DELETE', '');
  await tickwork.kill('reconciler', 'SIGTERM');

  const ahead = await submit(`${secret} three.`);
  await waitFor(
    'Redis to know an end that Supabase does not',
    async () => (await redis.hget(`task:${ahead.correlation_id}`, 'status')) === 'completed',
  );
  const row = { correlation_id: randomUUID(), user_id: ownerId, mandate: secret };
  const inserted = await owner.supabase.from('tasks').insert(row).select().single<TaskJson>();
  if (inserted.error) throw inserted.error;
  const all: Record<(typeof states)[number], TaskJson> = {
    completed,
    failed,
    running,
    cancelled,
    deleted,
    ahead,
    withoutRecord: inserted.data,
  };
  const rows = (await owner.supabase.from('tasks').select()).data as TaskJson[];
  const known = (task: TaskJson) => toKnown(rows.find(({ id }) => id === task.id) ?? task);
  return Object.fromEntries(states.map((state) => [state, known(all[state])])) as Record<
    keyof typeof all,
    Known
  >;
}

function toKnown({ id, correlation_id, updated_at }: TaskJson): Known {
  const microseconds = /\.(\d+)/.exec(updated_at)?.[1] ?? '';
  const stamp = `${Math.floor(Date.parse(updated_at) / 1000)}${microseconds.padEnd(6, '0')}`;
  return { id, correlation_id, etag: `"${stamp}-${id}"` };
}
