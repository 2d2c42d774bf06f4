import type { ActiveRow } from '@tickwork/task/ports';
import type { Stamp } from '@tickwork/task/stamp';
import { isFinal, type Status, statuses } from '@tickwork/task/status';

export const activeStatuses = statuses.filter((status) => !isFinal(status));

/** Supabase's rows that are not final and old enough, as one walk met them. */
export interface ActiveTasks {
  readonly counts: Readonly<Partial<Record<Status, number>>>;
  /** When the one that has waited longest began to. Null: none waits. */
  readonly oldestPending: Stamp | null;
}

export const noActiveTasks: ActiveTasks = { counts: {}, oldestPending: null };

/** Adds a page of rows; keeps no row. */
export function countActive(before: ActiveTasks, rows: readonly ActiveRow[]): ActiveTasks {
  const counts = { ...before.counts };
  let { oldestPending } = before;
  for (const { status, updatedAt } of rows) {
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === 'pending') oldestPending = Math.min(oldestPending ?? updatedAt, updatedAt);
  }
  return { counts, oldestPending };
}
