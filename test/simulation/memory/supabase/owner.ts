import { isFinal, type Status, statuses } from '@tickwork/task/status';
import type { Owner, OwnerChange } from '../../../conformance/owner.ts';
import { insertRow } from './insert.ts';
import { textsIn } from './jsonb.ts';
import { type Database, meetsConstraints, type Row, refusal, requireReadable } from './table.ts';

export function createOwner(database: Database, userId: string): Owner {
  const own = (correlationId: string) => {
    const row = database.rows.get(correlationId);
    return row?.userId === userId ? row : null;
  };

  async function update(correlationId: string, change: OwnerChange): Promise<boolean> {
    requireReadable(...textsIn(change));
    const row = own(correlationId);
    if (row) database.rows.set(correlationId, updated(database, row, change));
    return row !== null;
  }

  return {
    insert: async (task) => void insertRow(database, userId, task),
    update,
    touch: (correlationId) => update(correlationId, {}),
    cancel: (correlationId) => update(correlationId, { status: 'cancelled' }),
    remove: async (correlationId) => own(correlationId) !== null && database.rows.delete(correlationId),
  };
}

/** The row after the triggers tasks_by_user and tasks_updated_at. */
function updated(database: Database, row: Row, change: OwnerChange): Row {
  const { updatedAt: _overwritten, ...given } = change;
  const least = database.lacks('monotonic_row_stamp') ? 0 : row.updatedAt + 1;
  const next: Row = { ...row, ...given, updatedAt: Math.max(database.now(), least) };
  if (isFinal(row.status)) throw refusal('ended');
  if (rank(next.status) < rank(row.status)) throw refusal('kept');
  const kept = ['id', 'correlationId', 'userId', 'mandate', 'maxTicks'] as const;
  if (kept.some((name) => next[name] !== row[name])) throw refusal('kept');
  if (!meetsConstraints(next)) throw refusal('check');
  return next;
}

/** All final ones alike; none for one that there is not. */
function rank(status: Status): number {
  if (isFinal(status)) return statuses.length;
  const at = statuses.indexOf(status);
  return at < 0 ? Number.NaN : at;
}
