import type { Checkpoint } from '@tickwork/task/ports';
import { parseStamp } from '@tickwork/task/stamp';
import { isStatus } from '@tickwork/task/status';
import type { TaskRecord } from '@tickwork/task/task';

/** The hash's fields that make a TaskRecord, in the order in which they are read. */
export const recordFields = [
  'id',
  'user_id',
  'status',
  'tick',
  'result',
  'error',
  'updated_at',
  'synced_at',
  'claim',
  'attempts',
  'due_at',
  'traceparent',
] as const;

type Value = string | null;

/** The one mapper from a hash to a TaskRecord ('' and no field are null). Null for what is no record of ours: missing, written by hand, or broken. */
export function toRecord(correlationId: string, values: readonly Value[]): TaskRecord | null {
  const fields = Object.fromEntries(recordFields.map((field, index) => [field, values[index] ?? null]));
  const { id, user_id: userId, status } = fields;
  const updatedAt = parseStamp(fields['updated_at']);
  const syncedAt = parseStamp(fields['synced_at'] ?? '0');
  if (!id || !userId || !isStatus(status) || updatedAt === null || syncedAt === null) return null;
  return {
    correlationId,
    id,
    userId,
    status,
    tick: wholeNumber(fields['tick']),
    result: fields['result'] || null,
    error: fields['error'] || null,
    updatedAt,
    syncedAt,
    claim: fields['claim'] ?? '',
    attempts: wholeNumber(fields['attempts']) ?? 0,
    dueAt: parseStamp(fields['due_at']) ?? 0,
    traceparent: fields['traceparent'] || null,
  };
}

/** As the scripts take it. No TaskRecord has it: it goes from worker to worker alone. */
export function checkpointArguments(
  checkpoint: Checkpoint | null,
): [state: string, tick: number, ranMs: number] {
  return checkpoint ? [checkpoint.state, checkpoint.tick, checkpoint.ranMs] : ['', 0, 0];
}

/** As a claim tells it. */
export function toCheckpoint(state?: Value, tick?: Value, ranMs?: Value): Checkpoint | null {
  if (!state) return null;
  return { state, tick: wholeNumber(tick) ?? 0, ranMs: wholeNumber(ranMs) ?? 0 };
}

function wholeNumber(text: Value | undefined): number | null {
  const number = Number.parseInt(text ?? '', 10);
  return Number.isNaN(number) ? null : number;
}
