import type { DayQuota, NewTask } from '@tickwork/task/ports';
import { isFinal } from '@tickwork/task/status';
import {
  type Database,
  dayUs,
  meetsConstraints,
  type Row,
  refusal,
  requireReadable,
  timestampOf,
} from './table.ts';

/**
 * As the trigger, the policy and the constraints have it, in that order; then the charge, in the same transaction: what is
 * refused leaves nothing behind.
 */
export function insertRow(database: Database, userId: string, task: NewTask): Row {
  const row = newRow(database, userId, task);
  charge(database, userId);
  database.rows.set(row.correlationId, row);
  return row;
}

/** Without the protection charge_in_insert: three steps, between which other calls can come. */
export async function insertThenCharge(
  database: Database,
  userId: string,
  task: NewTask,
  pause: () => Promise<void>,
): Promise<Row> {
  const used = requireQuota(database, userId);
  await pause();
  const row = newRow(database, userId, task);
  database.rows.set(row.correlationId, row);
  await pause();
  database.usage.set(usageKey(database, userId), used + 1);
  return row;
}

function newRow(database: Database, userId: string, task: NewTask): Row {
  requireReadable(task.correlationId, task.mandate);
  if (task.userId !== userId) throw refusal('forbidden');
  const now = database.now();
  const row: Row = {
    id: database.uuid(),
    correlationId: task.correlationId,
    userId,
    mandate: task.mandate,
    status: 'pending',
    maxTicks: task.maxTicks,
    tick: null,
    result: null,
    error: null,
    createdAt: now,
    updatedAt: now,
  };
  if (!meetsConstraints(row)) throw refusal('check');
  if (database.rows.has(row.correlationId)) throw refusal('duplicate');
  return row;
}

function charge(database: Database, userId: string): void {
  const used = requireQuota(database, userId);
  database.usage.set(usageKey(database, userId), used + 1);
}

/** Answers what the day has used, if it leaves one more. */
function requireQuota(database: Database, userId: string): number {
  const used = database.usage.get(usageKey(database, userId)) ?? 0;
  if (used + 1 > database.dailyLimit) {
    throw refuseByQuota('daily', database.dailyLimit, used, secondsToMidnight(database.now()));
  }
  const active = countActive(database, userId);
  if (active + 1 > database.activeLimit) throw refuseByQuota('active', database.activeLimit, active, 30);
  return used;
}

function countActive(database: Database, userId: string): number {
  let active = 0;
  for (const row of database.rows.values()) {
    if (row.userId === userId && !isFinal(row.status)) active++;
  }
  return active;
}

function refuseByQuota(kind: 'daily' | 'active', limit: number, used: number, retry_after: number) {
  const left = Math.max(limit - used, 0);
  return refusal('quota', { details: JSON.stringify({ limit, used, left, kind, retry_after }) });
}

/** What tickwork_quota() tells: the day's, by its limit. */
export function quotaOf(database: Database, userId: string): DayQuota {
  const [limit, used] = [database.dailyLimit, database.usage.get(usageKey(database, userId)) ?? 0];
  const now = database.now();
  const midnight = now - (now % dayUs) + dayUs;
  return { limit, used, left: Math.max(limit - used, 0), resetsAt: `${timestampOf(midnight).slice(0, 19)}Z` };
}

const secondsToMidnight = (now: number) => Math.ceil((dayUs - (now % dayUs)) / 1_000_000);

/** A user's day, in UTC. */
function usageKey(database: Database, userId: string): string {
  return `${userId} ${timestampOf(database.now()).slice(0, 10)}`;
}
