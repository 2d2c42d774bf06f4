import { type Clock, within } from '@tickwork/runtime/process/clock';
import { linkActiveSpan, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { TaskRecords, UserTasks } from '@tickwork/task/ports';
import { stampFromTimestamp } from '@tickwork/task/stamp';
import { isFinal } from '@tickwork/task/status';
import { isAhead, type Task, type TaskRecord } from '@tickwork/task/task';
import type { GatewayEmitter, ReadSyncOutcome } from '../events.ts';
import { TaskError } from './errors.ts';

export interface ReadDependencies {
  readonly records: Pick<TaskRecords, 'read' | 'confirm'>;
  readonly events: GatewayEmitter;
  readonly clock: Pick<Clock, 'sleep' | 'wallTime'>;
  /** A Redis that is slower than this is not waited for. */
  readonly recordTimeoutMs: number;
}

/** One task, from Supabase, after what Redis has newer was brought there. `id` is the correlation_id, or the row's own id. */
export function createReadTask({ records, events, clock, recordTimeoutMs }: ReadDependencies) {
  /** The user's record, or null: another's counts as absent, and Redis away is no reason to fail. */
  async function readRecord(correlationId: string, userId: string): Promise<TaskRecord | null> {
    const read = () =>
      records.read([correlationId], userId).then(
        ([record]) => record ?? null,
        () => null,
      );
    const record = await within(clock, recordTimeoutMs, read, null);
    if (record?.userId !== userId) return null;
    linkActiveSpan(record.traceparent);
    return record;
  }

  /** The row as it stands after the sync; `undefined` when the sync itself failed. */
  async function sync(
    tasks: UserTasks,
    record: TaskRecord,
    signal: AbortSignal,
  ): Promise<Task | null | undefined> {
    const { correlationId, updatedAt } = record;
    const tell = (outcome: ReadSyncOutcome, lagSeconds: number | null = null) =>
      events.emit('synced_on_read', { correlationId, outcome, lagSeconds });
    try {
      const attributes = { 'tickwork.task.correlation_id': correlationId };
      const task = await withSpan('sync task', { attributes, links: [record.traceparent] }, () =>
        tasks.sync(record, signal),
      );
      if (task && holds(task, record)) {
        records.confirm(record).catch(() => {});
        tell('applied', clock.wallTime() / 1e3 - updatedAt / 1e6);
      } else tell(task ? 'stale' : 'missing');
      return task;
    } catch (error) {
      const invalid = error instanceof TaskError && error.code === 'invalid';
      tell(invalid ? 'invalid' : 'failed');
      // What can't be stored is the reconciler's to end; the row can be shown all the same.
      if (invalid) return undefined;
      throw error;
    }
  }

  return async (tasks: UserTasks, userId: string, id: string, signal: AbortSignal): Promise<Task> => {
    const first = await readRecord(id, userId);
    const ahead = first && isAhead(first) ? first : null;
    const synced = ahead ? await sync(tasks, ahead, signal) : undefined;
    if (synced) return synced;
    const row = synced === null ? null : await tasks.find(id, signal);
    if (!row) throw new TaskError('not_found');
    // Once more by the row: its own id was asked for, or a restored database is behind what had been confirmed.
    const record = row.correlationId === id ? first : await readRecord(row.correlationId, userId);
    if (!record || record === ahead || !isNewer(record, row)) return row;
    return (await sync(tasks, record, signal)) ?? row;
  };
}

function isNewer(record: TaskRecord, row: Task): boolean {
  return record.id === row.id && !isFinal(row.status) && record.updatedAt > stampFromTimestamp(row.updatedAt);
}

function holds(row: Task, sent: TaskRecord): boolean {
  return (
    row.id === sent.id && row.status === sent.status && stampFromTimestamp(row.updatedAt) === sent.updatedAt
  );
}
