import { isFinal, isStatus, type Status } from '@tickwork/task/status';
import type { Json, SyncAnswer, TaskUpdate } from '@tickwork/task/task';
import { parseJsonb } from './jsonb.ts';
import { type Database, dayUs, meetsConstraints, type Row, requireReadable } from './table.ts';

/** Who syncs: row-level security shows a user the own rows, the reconciler all. */
export type Caller = { readonly userId: string } | 'reconciler';

/** An update as the columns take it. */
interface Given {
  readonly correlationId: string;
  readonly id: string;
  /** Null for one that there is not: the update is invalid, and hides no other. */
  readonly status: Status | null;
  readonly tick: number | null;
  readonly result: Json;
  readonly error: string | null;
  readonly updatedAt: number;
}

/** What a data type or a constraint refuses (class 22 and 23): the transaction goes back to its savepoint. */
class Unstorable extends Error {}

/** internal.sync_updates: the batch, and if that can't be stored, item by item. */
export function syncUpdates(
  database: Database,
  caller: Caller,
  updates: readonly TaskUpdate[],
): SyncAnswer[] {
  for (const { correlationId, id, status, result, error } of updates) {
    requireReadable(correlationId, id, status, result, error);
  }
  try {
    return applyUpdates(database, caller, updates);
  } catch (error) {
    if (!(error instanceof Unstorable)) throw error;
  }
  const inOrder = updates.toSorted((a, b) => compare(a.correlationId, b.correlationId));
  return inOrder.flatMap((update) => {
    try {
      return applyUpdates(database, caller, [update]);
    } catch (error) {
      if (!(error instanceof Unstorable)) throw error;
      return answerOf(update.correlationId, 'invalid', null);
    }
  });
}

/** internal.apply_updates: reads all that is given first, and changes nothing when it throws. */
function applyUpdates(database: Database, caller: Caller, updates: readonly TaskUpdate[]): SyncAnswer[] {
  const given = updates.map(readUpdate);
  const seen = new Map<string, Row>();
  const done = new Map<string, Row>();
  for (const update of newestOf(database, given)) {
    const row = findRow(database, caller, update);
    if (!row) continue;
    seen.set(row.correlationId, row);
    if (takes(database, row, update)) done.set(row.correlationId, changed(database, caller, row, update));
  }
  for (const row of done.values()) database.rows.set(row.correlationId, row);
  return given.map((update) => answerTo(database, update, seen, done));
}

function answerTo(
  database: Database,
  update: Given,
  seen: ReadonlyMap<string, Row>,
  done: ReadonlyMap<string, Row>,
): SyncAnswer {
  const { correlationId, id, status, updatedAt } = update;
  if (status === null) return answerOf(correlationId, 'invalid', null);
  const row = done.get(correlationId) ?? seen.get(correlationId);
  if (!row || (row.id !== id && !database.lacks('row_id'))) return answerOf(correlationId, 'missing', null);
  const same = row.updatedAt === updatedAt && row.status === status;
  const counts = done.has(correlationId) || !database.lacks('same_stamp_applies');
  return answerOf(correlationId, same && counts ? 'applied' : 'stale', row);
}

function answerOf(correlationId: string, outcome: SyncAnswer['outcome'], row: Row | null): SyncAnswer {
  return { correlationId, outcome, status: row?.status ?? null, updatedAt: row?.updatedAt ?? null };
}

/** Throws on what the column's type does not take, whatever becomes of the update. */
function readUpdate(update: TaskUpdate): Given {
  const { correlationId, id, status, tick, error, updatedAt } = update;
  if (tick !== null && !isInteger(tick, 2 ** 31)) throw new Unstorable();
  if (!isInteger(updatedAt, 2 ** 63)) throw new Unstorable();
  const result = update.result === null ? null : parseJsonb(update.result);
  if (result === undefined) throw new Unstorable();
  const known = isStatus(status) ? status : null;
  return { correlationId, id, status: known, tick, result, error: error || null, updatedAt };
}

const isInteger = (value: number, limit: number) =>
  Number.isInteger(value) && value >= -limit && value < limit;

/** Of several for one task the newest; the first of those with one stamp. One that is invalid hides none. */
function newestOf(database: Database, given: readonly Given[]): Iterable<Given> {
  const newest = new Map<string, Given>();
  for (const update of given) {
    const key = database.lacks('row_id') ? update.correlationId : `${update.correlationId} ${update.id}`;
    const other = newest.get(key);
    if (update.status !== null && (!other || other.updatedAt < update.updatedAt)) newest.set(key, update);
  }
  return newest.values();
}

function findRow(database: Database, caller: Caller, { correlationId, id }: Given): Row | null {
  const row = visibleRow(database, caller, correlationId);
  return row && (row.id === id || database.lacks('row_id')) ? row : null;
}

/** What row-level security shows the caller. */
export function visibleRow(database: Database, caller: Caller, correlationId: string): Row | null {
  const row = database.rows.get(correlationId);
  if (!row || caller === 'reconciler' || row.userId === caller.userId) return row ?? null;
  return database.lacks('ownership') ? row : null;
}

function takes(database: Database, row: Row, update: Given): boolean {
  const newer = row.updatedAt < update.updatedAt;
  const same = row.updatedAt === update.updatedAt && !database.lacks('same_stamp_applies');
  if (!newer && !same && !database.lacks('compare_and_set')) return false;
  if (isFinal(row.status) && !database.lacks('final_is_final')) return false;
  return update.updatedAt < Math.max(database.now(), row.updatedAt) + dayUs;
}

/** The row after the triggers. */
function changed(database: Database, caller: Caller, row: Row, update: Given): Row {
  const status = update.status ?? row.status;
  // A user's sync may not go a day ahead of the clock, wherever the row is.
  if (caller !== 'reconciler' && update.updatedAt >= database.now() + dayUs) throw new Unstorable();
  const next: Row = {
    ...row,
    status,
    tick: update.tick ?? row.tick,
    result: isFinal(status) ? update.result : (update.result ?? row.result),
    error: update.error,
    updatedAt: update.updatedAt,
  };
  if (!meetsConstraints(next)) throw new Unstorable();
  return next;
}

export const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
