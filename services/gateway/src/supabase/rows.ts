import type { DispatchableRow } from '@tickwork/task/ports';
import { isStatus, type Status } from '@tickwork/task/status';
import type { Json, SyncAnswer, Task, TaskUpdate } from '@tickwork/task/task';

/** Named one by one: a select of everything would cost less here, but a column added later would leave the house. */
export const columns =
  'id,correlation_id,user_id,mandate,status,max_ticks,tick,result,error,created_at,updated_at';

export interface TaskRow {
  id: string;
  correlation_id: string;
  user_id: string;
  mandate: string;
  status: string;
  max_ticks: number;
  tick: number | null;
  result: Json;
  error: string | null;
  created_at: string;
  updated_at: string;
}

export function toTask(row: TaskRow): Task {
  return {
    id: row.id,
    correlationId: row.correlation_id,
    userId: row.user_id,
    mandate: row.mandate,
    status: toStatus(row.status),
    maxTicks: row.max_ticks,
    tick: row.tick,
    result: row.result,
    error: row.error,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function fromUpdate(update: TaskUpdate) {
  return {
    correlation_id: update.correlationId,
    id: update.id,
    status: update.status,
    tick: update.tick,
    result: update.result,
    error: update.error,
    updated_us: update.updatedAt,
  };
}

export interface QuotaRow {
  limit: number;
  used: number;
  left: number;
  resets_at: string;
}

export interface AnswerRow {
  correlation_id: string;
  outcome: SyncAnswer['outcome'];
  status?: string | null;
  updated_us?: number | null;
}

export function toAnswer(row: AnswerRow): SyncAnswer {
  return {
    correlationId: row.correlation_id,
    outcome: row.outcome,
    status: row.status ? toStatus(row.status) : null,
    updatedAt: row.updated_us ?? null,
  };
}

export interface ReconcilerRow {
  outcome?: 'found' | 'missing';
  id: string;
  correlation_id: string;
  user_id: string;
  mandate: string;
  max_ticks: number;
  status: string;
  updated_us: number;
}

export function toDispatchable(row: ReconcilerRow): DispatchableRow {
  return {
    id: row.id,
    correlationId: row.correlation_id,
    userId: row.user_id,
    mandate: row.mandate,
    maxTicks: row.max_ticks,
    status: toStatus(row.status),
    updatedAt: row.updated_us,
  };
}

function toStatus(text: string): Status {
  if (!isStatus(text)) throw new Error('a row has a status that this version does not know');
  return text;
}
