import type {
  ActiveRow,
  DayQuota,
  DispatchableRow,
  NewTask,
  ReconcilerTasks,
  TaskFilter,
  TaskPage,
  UserTasks,
} from '@tickwork/task/ports';
import { timestampFromStamp } from '@tickwork/task/stamp';
import type { SyncAnswer, Task, TaskKey, TaskUpdate } from '@tickwork/task/task';
import type { TasksClient } from './client.ts';
import { type Failure, toTaskError } from './errors.ts';
import { behind, conditionsOf } from './queries.ts';
import {
  type AnswerRow,
  columns,
  fromUpdate,
  type QuotaRow,
  type ReconcilerRow,
  type TaskRow,
  toAnswer,
  toDispatchable,
  toTask,
} from './rows.ts';

interface Answer {
  readonly data: unknown;
  readonly error: Failure | null;
  readonly status: number;
  readonly count?: number | null;
}

/**
 * Resolves when PostgREST answers and serves the table. That the anon key may not read it shows both; a table that is missing
 * is another error.
 */
export async function probeTasks(client: TasksClient, signal: AbortSignal): Promise<void> {
  const query = client.from('tasks').select('id').limit(1);
  const { error, status }: Answer = await query.retry(false).abortSignal(signal);
  const refused = (status === 401 || status === 403) && error?.code === '42501';
  if (error && !refused) throw toTaskError(error, status);
}

/** The tasks in Supabase: the only code that writes there. Given a token, it does what that token may do. */
export class SupabaseTaskStorage implements UserTasks, ReconcilerTasks {
  readonly #client: TasksClient;
  readonly #accessToken: () => string | Promise<string>;
  readonly #timeoutMs: number;

  constructor(client: TasksClient, accessToken: () => string | Promise<string>, { timeoutMs = 10_000 } = {}) {
    this.#client = client;
    this.#accessToken = accessToken;
    this.#timeoutMs = timeoutMs;
  }

  async insert(task: NewTask): Promise<Task> {
    const row = {
      correlation_id: task.correlationId,
      user_id: task.userId,
      mandate: task.mandate,
      max_ticks: task.maxTicks,
    };
    const rows = await this.#send<TaskRow[]>(this.#client.from('tasks').insert(row).select(columns));
    const [inserted] = rows.map(toTask);
    if (!inserted) throw toTaskError({}, 0);
    return inserted;
  }

  async find(id: string, signal: AbortSignal): Promise<Task | null> {
    const query = this.#client
      .from('tasks')
      .select(columns)
      .or(`correlation_id.eq.${id},id.eq.${id}`)
      .limit(2);
    const tasks = (await this.#send<TaskRow[]>(query, signal)).map(toTask);
    return tasks.find(({ correlationId }) => correlationId === id) ?? tasks[0] ?? null;
  }

  async list({ after, limit, ...filter }: TaskPage, signal: AbortSignal): Promise<Task[]> {
    const query = this.#client.from('tasks').select(columns);
    for (const condition of conditionsOf(filter)) query.filter(...condition);
    // The first says no more than the second, but an index serves it.
    if (after) query.lte('created_at', timestampFromStamp(after.createdAt)).or(behind(after));
    const newestFirst = { ascending: false };
    const page = query.order('created_at', newestFirst).order('id', newestFirst).limit(limit);
    return (await this.#send<TaskRow[]>(page, signal)).map(toTask);
  }

  async count(filter: TaskFilter, signal: AbortSignal): Promise<number> {
    const query = this.#client.from('tasks').select('id', { count: 'exact', head: true });
    for (const condition of conditionsOf(filter)) query.filter(...condition);
    return (await this.#answer(query, signal)).count ?? 0;
  }

  async quota(signal: AbortSignal): Promise<DayQuota> {
    const call = this.#client.rpc('tickwork_quota', {}, { get: true });
    const { limit, used, left, resets_at: resetsAt } = await this.#send<QuotaRow>(call, signal);
    return { limit, used, left, resetsAt };
  }

  cancel(rowId: string): Promise<Task | null> {
    const query = this.#client.from('tasks').update({ status: 'cancelled' }).eq('id', rowId).select(columns);
    return this.#one(query);
  }

  remove(rowId: string): Promise<Task | null> {
    return this.#one(this.#client.from('tasks').delete().eq('id', rowId).select(columns));
  }

  sync(update: TaskUpdate, signal: AbortSignal): Promise<Task | null> {
    return this.#one(this.#client.rpc('sync_task', { update: fromUpdate(update) }).select(columns), signal);
  }

  async syncBatch(updates: readonly TaskUpdate[], signal: AbortSignal): Promise<SyncAnswer[]> {
    const call = this.#client.rpc('sync_tasks', { updates: updates.map(fromUpdate) });
    return (await this.#send<AnswerRow[]>(call, signal)).map(toAnswer);
  }

  async readRows(
    keys: readonly TaskKey[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, DispatchableRow>> {
    const named = keys.map(({ correlationId, id }) => ({ correlation_id: correlationId, id }));
    const rows = await this.#send<ReconcilerRow[]>(this.#client.rpc('read_tasks', { keys: named }), signal);
    const found = rows.filter(({ outcome }) => outcome === 'found').map(toDispatchable);
    return new Map(found.map((row) => [row.correlationId, row]));
  }

  async activeRows(
    after: string,
    minAgeMs: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<ActiveRow[]> {
    const call = this.#client.rpc('active_tasks', { after, min_age_ms: minAgeMs, page_size: limit });
    return (await this.#send<ReconcilerRow[]>(call, signal)).map(toDispatchable);
  }

  /** supabase-js returns its errors, and would try reads again for seconds. */
  async #answer(request: Request, ...signals: AbortSignal[]): Promise<Answer> {
    const until = AbortSignal.any([...signals, AbortSignal.timeout(this.#timeoutMs)]);
    const token = await this.#accessToken();
    const answer: Answer = await request
      .setHeader('Authorization', `Bearer ${token}`)
      .retry(false)
      .abortSignal(until);
    if (answer.error) throw toTaskError(answer.error, answer.status);
    return answer;
  }

  async #one(request: Request, ...signals: AbortSignal[]): Promise<Task | null> {
    const [task] = (await this.#send<TaskRow[]>(request, ...signals)).map(toTask);
    return task ?? null;
  }

  async #send<Data>(request: Request, ...signals: AbortSignal[]): Promise<Data> {
    return (await this.#answer(request, ...signals)).data as Data;
  }
}

interface Request {
  setHeader(name: string, value: string): Request;
  retry(enabled: boolean): Request;
  abortSignal(signal: AbortSignal): PromiseLike<Answer>;
}
