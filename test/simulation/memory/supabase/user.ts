import type { TaskFilter, UserTasks } from '@tickwork/task/ports';
import { insertRow, insertThenCharge, quotaOf } from './insert.ts';
import { createOwner } from './owner.ts';
import { syncUpdates, visibleRow } from './sync.ts';
import { type Database, isUuid, type Row, refusal, toTask } from './table.ts';

/** What a user's token may do. Each call is one transaction. */
export function createUserTasks(database: Database, userId: string, pause: () => Promise<void>): UserTasks {
  const own = () => [...database.rows.values()].filter((row) => row.userId === userId);
  const owner = createOwner(database, userId);
  const byId = (rowId: string) => own().find((row) => row.id === rowId);
  const answer = (row: Row | null | undefined) => (row ? toTask(row) : null);

  return {
    insert: async (task) => {
      if (database.lacks('charge_in_insert')) {
        return toTask(await insertThenCharge(database, userId, task, pause));
      }
      return toTask(insertRow(database, userId, task));
    },
    find: async (id, signal) => {
      requireOpen(signal);
      if (!isUuid(id.toLowerCase())) throw refusal('text');
      const rows = own();
      const byName = rows.find(({ correlationId }) => correlationId === id);
      return answer(byName ?? rows.find((row) => row.id === id.toLowerCase()));
    },
    list: async ({ limit, after, ...filter }, signal) => {
      requireOpen(signal);
      const newestFirst = own()
        .filter((row) => matches(row, filter))
        .sort(compareNewestFirst);
      const behind = newestFirst.filter((row) => !after || compareNewestFirst(after, row) < 0);
      return behind.slice(0, limit).map(toTask);
    },
    count: async (filter, signal) => {
      requireOpen(signal);
      return own().filter((row) => matches(row, filter)).length;
    },
    quota: async (signal) => {
      requireOpen(signal);
      return quotaOf(database, userId);
    },
    cancel: async (rowId) => {
      const row = byId(rowId);
      if (!row || !(await owner.cancel(row.correlationId))) return null;
      return answer(byId(rowId));
    },
    remove: async (rowId) => {
      const row = byId(rowId);
      return row && (await owner.remove(row.correlationId)) ? toTask(row) : null;
    },
    sync: async (update, signal) => {
      requireOpen(signal);
      syncUpdates(database, { userId }, [update]);
      return answer(visibleRow(database, { userId }, update.correlationId));
    },
  };
}

type Placed = Pick<Row, 'createdAt' | 'id'>;

function compareNewestFirst(one: Placed, other: Placed): number {
  if (one.id === other.id) return 0;
  return other.createdAt - one.createdAt || (other.id > one.id ? 1 : -1);
}

function matches(row: Row, { statuses, createdAfter, createdBefore }: TaskFilter): boolean {
  return (
    (statuses === undefined || statuses.includes(row.status)) &&
    row.createdAt > (createdAfter ?? Number.NEGATIVE_INFINITY) &&
    row.createdAt < (createdBefore ?? Number.POSITIVE_INFINITY)
  );
}

/** A request whose signal has aborted is never sent. */
export function requireOpen(signal: AbortSignal): void {
  if (signal.aborted) throw refusal('network');
}
