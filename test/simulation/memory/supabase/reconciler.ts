import type { ActiveRow, DispatchableRow, ReconcilerTasks } from '@tickwork/task/ports';
import { isFinal } from '@tickwork/task/status';
import type { TaskKey } from '@tickwork/task/task';
import { compare, syncUpdates } from './sync.ts';
import { type Database, type Row, refusal } from './table.ts';
import { requireOpen } from './user.ts';

const mostAtOnce = 1000;

/** What the role task_reconciler may do. Each call is one transaction. */
export function createReconcilerTasks(database: Database): ReconcilerTasks {
  return {
    syncBatch: async (updates, signal) => {
      requireOpen(signal);
      if (updates.length > mostAtOnce) throw refusal('tooMany');
      return syncUpdates(database, 'reconciler', updates);
    },
    readRows: async (keys, signal) => {
      requireOpen(signal);
      if (keys.length > mostAtOnce) throw refusal('tooMany');
      return readRows(database, keys);
    },
    activeRows: async (after, minAgeMs, limit, signal) => {
      requireOpen(signal);
      const isPage = Number.isInteger(limit) && limit >= 1 && limit <= mostAtOnce;
      if (!Number.isInteger(minAgeMs) || minAgeMs < 0 || !isPage) throw refusal('badCall');
      return activeRows(database, after, minAgeMs).slice(0, limit);
    },
  };
}

function readRows(database: Database, keys: readonly TaskKey[]): ReadonlyMap<string, DispatchableRow> {
  const found = new Map<string, DispatchableRow>();
  for (const { correlationId, id } of keys) {
    const row = database.rows.get(correlationId);
    if (row && (row.id === id || database.lacks('row_id'))) found.set(correlationId, toDispatchable(row));
  }
  return found;
}

/** Not final, and old enough or stamped ahead of the clock. */
function activeRows(database: Database, after: string, minAgeMs: number): ActiveRow[] {
  const now = database.now();
  const isOldEnough = ({ updatedAt }: Row) => updatedAt <= now - minAgeMs * 1000 || updatedAt > now;
  return [...database.rows.values()]
    .filter((row) => row.correlationId > after && !isFinal(row.status) && isOldEnough(row))
    .sort((a, b) => compare(a.correlationId, b.correlationId))
    .map(toActive);
}

function toActive({ id, correlationId, userId, status, updatedAt }: Row): ActiveRow {
  return { id, correlationId, userId, status, updatedAt };
}

function toDispatchable(row: Row): DispatchableRow {
  return { ...toActive(row), mandate: row.mandate, maxTicks: row.maxTicks };
}
