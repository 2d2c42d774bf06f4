import type { UserTasks } from '@tickwork/task/ports';
import { insertRow, insertThenCharge } from './insert.ts';
import { syncUpdates, visibleRow } from './sync.ts';
import { type Database, isUuid, type Row, refusal, toTask } from './table.ts';

/** What a user's token may do. Each call is one transaction. */
export function createUserTasks(database: Database, userId: string, pause: () => Promise<void>): UserTasks {
  const own = () => [...database.rows.values()].filter((row) => row.userId === userId);
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
    list: async (limit, signal) => {
      requireOpen(signal);
      const newestFirst = own().reverse();
      newestFirst.sort((a, b) => b.createdAt - a.createdAt);
      return newestFirst.slice(0, limit).map(toTask);
    },
    sync: async (update, signal) => {
      requireOpen(signal);
      syncUpdates(database, { userId }, [update]);
      return answer(visibleRow(database, { userId }, update.correlationId));
    },
  };
}

/** A request whose signal has aborted is never sent. */
export function requireOpen(signal: AbortSignal): void {
  if (signal.aborted) throw refusal('network');
}
