import type { TaskFilter, UserTasks } from '@tickwork/task/ports';
import { stampFromTimestamp } from '@tickwork/task/stamp';
import type { Task } from '@tickwork/task/task';
import type { Cursor } from './cursor.ts';

export interface ListRequest {
  readonly filter: TaskFilter;
  readonly limit: number;
  readonly after: Cursor | undefined;
  /** Counts all that `filter` lets through, which costs a request more. */
  readonly withTotal: boolean;
}

export interface ListedTasks {
  readonly tasks: readonly Task[];
  /** Where the next page begins; null on the last one. */
  readonly next: Cursor | null;
  readonly total: number | null;
}

/** As many rows as a Supabase project gives for one request, unless it was set otherwise. */
const mostRows = 1000;

/** A page of a user's tasks, newest first. */
export async function listTasks(
  tasks: Pick<UserTasks, 'list' | 'count'>,
  { filter, limit, after, withTotal }: ListRequest,
  signal: AbortSignal,
): Promise<ListedTasks> {
  // One more than asked for tells whether there is a next page.
  const wanted = Math.min(limit + 1, mostRows);
  const [rows, total] = await Promise.all([
    tasks.list({ ...filter, after, limit: wanted }, signal),
    withTotal ? tasks.count(filter, signal) : null,
  ]);
  const page = rows.slice(0, limit);
  const last = rows.length === wanted ? page.at(-1) : undefined;
  const next = last ? { createdAt: stampFromTimestamp(last.createdAt), id: last.id } : null;
  return { tasks: page, next, total };
}
