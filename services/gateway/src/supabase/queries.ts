import type { TaskFilter, TaskPage } from '@tickwork/task/ports';
import { timestampFromStamp } from '@tickwork/task/stamp';

/** As PostgREST has it: a column, an operator, and a value. */
type Condition = readonly [column: string, operator: string, value: string];

export function conditionsOf({ statuses, createdAfter, createdBefore }: TaskFilter): Condition[] {
  const conditions: Condition[] = [];
  if (statuses) conditions.push(['status', 'in', `(${statuses})`]);
  if (createdAfter !== undefined) conditions.push(['created_at', 'gt', timestampFromStamp(createdAfter)]);
  if (createdBefore !== undefined) conditions.push(['created_at', 'lt', timestampFromStamp(createdBefore)]);
  return conditions;
}

/** What comes behind a task, newest first: for PostgREST's `or`. */
export function behind({ createdAt, id }: NonNullable<TaskPage['after']>): string {
  const stamp = timestampFromStamp(createdAt);
  return `created_at.lt."${stamp}",and(created_at.eq."${stamp}",id.lt.${id})`;
}
