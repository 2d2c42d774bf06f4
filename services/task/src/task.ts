import type { Stamp } from './stamp.ts';
import type { FinalStatus, Status } from './status.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A row of `public.tasks`: what a user sees. Timestamps are kept as Postgres printed them, with their microseconds. */
export interface Task {
  readonly id: string;
  readonly correlationId: string;
  readonly userId: string;
  readonly mandate: string;
  readonly status: Status;
  readonly maxTicks: number;
  readonly tick: number | null;
  readonly result: Json;
  readonly error: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What names one task for good: a deleted task's correlation_id may come back as another's, its row's id never does. */
export interface TaskKey {
  readonly correlationId: string;
  readonly id: string;
}

/** What a sync carries to Supabase. `result` is JSON as text, as Redis holds it. */
export interface TaskUpdate extends TaskKey {
  readonly status: Status;
  readonly tick: number | null;
  readonly result: string | null;
  readonly error: string | null;
  readonly updatedAt: Stamp;
}

/** A task's hash in Redis. */
export interface TaskRecord extends TaskUpdate {
  readonly userId: string;
  /** The newest stamp that Supabase confirmed. */
  readonly syncedAt: Stamp;
  /** '' waits for a worker; '-' was put back by repair and is held; else the token of the worker that has it. */
  readonly claim: string;
  readonly attempts: number;
  /** Redis' time at which somebody must act: a claim's end, or the time to publish again. */
  readonly dueAt: Stamp;
  readonly traceparent: string | null;
}

/** Redis has something that Supabase did not confirm yet. */
export function isAhead(record: Pick<TaskRecord, 'updatedAt' | 'syncedAt'>): boolean {
  return record.updatedAt > record.syncedAt;
}

export const syncOutcomes = ['applied', 'stale', 'missing', 'invalid'] as const;
export type SyncOutcome = (typeof syncOutcomes)[number];

/** What Supabase made of one update. `status` and `updatedAt` are the row's, null where it has none. */
export interface SyncAnswer {
  readonly correlationId: string;
  readonly outcome: SyncOutcome;
  readonly status: Status | null;
  readonly updatedAt: Stamp | null;
}

/** What an agent returns at the end, and what a worker reports then. */
export interface TaskEnd {
  readonly status: FinalStatus;
  readonly result: string | null;
  readonly error: string | null;
}
