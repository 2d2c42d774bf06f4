import type { ReconcilerTasks, UserTasks } from '@tickwork/task/ports';
import type { MemorySupabase } from './memory/supabase.ts';
import type { Network, Server } from './network.ts';
import type { Process } from './process.ts';
import type { Step } from './steps.ts';
import type { Cause } from './witness/rows.ts';

export interface SupabaseConnection {
  readonly process: Process;
  readonly network: Network;
  readonly server: Server;
  readonly supabase: MemorySupabase;
  /** A transaction of this cause has ended. */
  readonly onTransaction: (cause: Cause) => void;
}

/** A client of the memory database, as one process has it: every request is a step of the network. */
export function connectToSupabase({ process, network, server, supabase, onTransaction }: SupabaseConnection) {
  async function request<Answer>(
    step: Step,
    cause: Cause,
    run: () => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const carryOut = async () => {
      try {
        return await run();
      } finally {
        onTransaction(cause);
      }
    };
    return network.call({ process, server, step }, carryOut, signal);
  }

  function asUser(userId: string): UserTasks {
    const tasks = supabase.asUser(userId);
    const sync: Cause = { kind: 'sync', userId };
    return {
      insert: (task) => request('insert', { kind: 'insert', userId }, () => tasks.insert(task)),
      find: (id, signal) => request('find', sync, () => tasks.find(id, signal), signal),
      list: (page, signal) => request('find', sync, () => tasks.list(page, signal), signal),
      count: (filter, signal) => request('find', sync, () => tasks.count(filter, signal), signal),
      quota: (signal) => request('find', sync, () => tasks.quota(signal), signal),
      cancel: (rowId) =>
        request('cancel', { kind: 'owner', userId, cancels: true }, () => tasks.cancel(rowId)),
      remove: (rowId) =>
        request('remove', { kind: 'owner', userId, cancels: false }, () => tasks.remove(rowId)),
      sync: (update, signal) => request('sync_task', sync, () => tasks.sync(update, signal), signal),
    };
  }

  function asReconciler(): ReconcilerTasks {
    const tasks = supabase.asReconciler();
    const sync: Cause = { kind: 'sync', userId: null };
    return {
      syncBatch: (updates, signal) =>
        request('sync_tasks', sync, () => tasks.syncBatch(updates, signal), signal),
      readRows: (keys, signal) => request('read_tasks', sync, () => tasks.readRows(keys, signal), signal),
      activeRows: (after, minAgeMs, limit, signal) =>
        request('active_tasks', sync, () => tasks.activeRows(after, minAgeMs, limit, signal), signal),
    };
  }

  return { asUser, asReconciler };
}
