import type { Envelope } from './envelope.ts';
import type { Stamp } from './stamp.ts';
import type { Status } from './status.ts';
import type { SyncAnswer, Task, TaskEnd, TaskKey, TaskRecord, TaskUpdate } from './task.ts';

/** A worker's hold on a task: what it must show to write, and what Redis last told it. */
export interface Claim extends TaskKey {
  readonly userId: string;
  /** A fresh UUID for every claim; never a counter, which a FLUSHALL would reset. */
  readonly token: string;
  readonly traceparent: string | null;
}

/** Why a claim was not given. All but `no_attempt_left` mean that somebody else has seen to the task. */
export const claimRefusals = ['ended', 'no_record', 'taken', 'no_attempt_left'] as const;
export type ClaimRefusal = (typeof claimRefusals)[number];
export type ClaimAnswer =
  | {
      readonly claimed: true;
      readonly attempt: number;
      /** What an earlier attempt left to go on from. */
      readonly checkpoint: Checkpoint | null;
    }
  | { readonly claimed: false; readonly reason: ClaimRefusal };

/** `stop`: the claim is lost or the task has ended; the worker must write nothing more and stop its agent. */
export type ReportAnswer = 'written' | 'stop';

/** From where another attempt goes on. Lost with Redis; no user sees it. */
export interface Checkpoint {
  /** The agent's own: JSON text. */
  readonly state: string;
  /** How many ticks were spent when it was made. */
  readonly tick: number;
  /** How long the agent had run by then, over all attempts. */
  readonly ranMs: number;
}

export interface Progress {
  readonly status: Extract<Status, 'started' | 'in_progress'>;
  readonly tick: number | null;
  /** JSON text, `{"notes": …}`: progress that a person can read. Null keeps what is there. */
  readonly result: string | null;
  /**
   * Null keeps what is there. One with fewer ticks than the last is not taken; one with more makes the attempts count from 1 again:
   * the task gets on.
   */
  readonly checkpoint: Checkpoint | null;
}

/** `no_attempt_left`: the claim stays, and the worker has to end the task. `stop` as in a report. */
export type HandBackAnswer = 'handed_back' | 'no_attempt_left' | 'stop';

/**
 * All that a worker is given. Every method throws when Redis is out of reach, and may then be repeated as it was: a script
 * whose answer was lost gives the same one again, but for a hand-back: the claim is gone then, so it answers `stop`.
 */
export interface TaskReports {
  claim(claim: Claim): Promise<ClaimAnswer>;
  report(claim: Claim, progress: Progress): Promise<ReportAnswer>;
  end(claim: Claim, end: TaskEnd): Promise<ReportAnswer>;
  heartbeat(claim: Claim): Promise<ReportAnswer>;
  /**
   * Gives the task back for another worker, due after `waitMs` (an hour at most). An attempt that is not spent does not count.
   * Repeated after it was taken it answers `stop`: the claim is gone.
   */
  handBack(claim: Claim, handBack: { waitMs: number; spent: boolean }): Promise<HandBackAnswer>;
}

/** Why the scan names a record. `quiet`: a worker has it, and it had nothing to sync for a while. `foreign` is no record of ours. */
export const findings = ['ahead', 'due', 'quiet', 'foreign'] as const;
export type Finding = (typeof findings)[number];
export interface Found {
  readonly correlationId: string;
  readonly finding: Finding;
}

export interface ScanStep {
  /** '0' when the keyspace has been walked. */
  readonly cursor: string;
  /** How many keys under the records' prefix it looked at. */
  readonly keys: number;
  readonly found: readonly Found[];
  /** The cursor was of no use any more (a failover): this step is the first of a walk. */
  readonly begunAnew: boolean;
}

export interface Seed extends TaskKey {
  readonly userId: string;
  readonly status: Status;
  readonly updatedAt: Stamp;
  readonly traceparent: string | null;
  /** `held`: put back by repair; nobody can claim it before its wait is over, but a worker that still has it goes on. */
  readonly held: boolean;
  readonly waitMs: number;
}

/** The gateway's and the reconciler's side of Redis. Every change names the record it was decided on, and is harmless late or twice. */
export interface TaskRecords {
  /** False when there is a record that counts. */
  seed(seed: Seed): Promise<boolean>;
  /** After a publish: how long to wait for a claim before the task is published again. */
  scheduleDispatch(key: TaskKey, waitMs: number): Promise<void>;
  /**
   * The records of these tasks, in their order; null where there is none, or none of ours. For an owner another's counts as none,
   * and takes no longer than none, however much it holds.
   */
  read(correlationIds: readonly string[], ownerId?: string): Promise<(TaskRecord | null)[]>;
  /** Names what is quiet only where `quietAgeMs` says since when, by Redis' clock. */
  scanStep(cursor: string, quietAgeMs?: number): Promise<ScanStep>;
  /** What the hints name: at most `limit` of each kind, oldest first. */
  hinted(limit: number): Promise<readonly Found[]>;
  confirm(sent: TaskUpdate): Promise<void>;
  settle(key: TaskKey): Promise<void>;
  rebase(sent: TaskUpdate, rowUpdatedAt: Stamp): Promise<void>;
  fail(sent: TaskUpdate, error: string): Promise<void>;
  reopen(key: TaskKey, rowUpdatedAt: Stamp): Promise<void>;
  /** `publish`: nobody has it now. `ended`: its last attempt is over, and it is in error. */
  release(
    record: Pick<TaskRecord, 'correlationId' | 'id' | 'dueAt'>,
  ): Promise<'publish' | 'ended' | 'not_due'>;
}

/** Where envelopes go. */
export interface TaskQueue {
  /** Without a connection a publish fails at once: callers that can wait ask first. */
  isReady(): boolean;
  /** Resolves once the broker has confirmed it in a queue; rejects on refusal, loss of the connection, or `signal`. */
  publish(envelope: Envelope, signal: AbortSignal): Promise<void>;
}

export interface NewTask {
  readonly correlationId: string;
  readonly userId: string;
  readonly mandate: string;
  readonly maxTicks: number;
}

/** Which of a user's tasks. */
export interface TaskFilter {
  /** Absent: whatever their status. */
  readonly statuses?: readonly Status[] | undefined;
  /** Both exclusive. */
  readonly createdAfter?: Stamp | undefined;
  readonly createdBefore?: Stamp | undefined;
}

export interface TaskPage extends TaskFilter {
  /** The page begins behind this task, in the order of `createdAt` and `id`, newest first. */
  readonly after?: { readonly createdAt: Stamp; readonly id: string } | undefined;
  readonly limit: number;
}

/** How many tasks a user may submit in the day that ends at `resetsAt`. */
export interface DayQuota {
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  /** RFC 3339. */
  readonly resetsAt: string;
}

/** Supabase, as a user. Row-level security decides what is seen; another's task is no task. */
export interface UserTasks {
  /** Carried through once it was sent: only its own time limit ends it. */
  insert(task: NewTask): Promise<Task>;
  find(id: string, signal: AbortSignal): Promise<Task | null>;
  list(page: TaskPage, signal: AbortSignal): Promise<Task[]>;
  quota(signal: AbortSignal): Promise<DayQuota>;
  count(filter: TaskFilter, signal: AbortSignal): Promise<number>;
  /** The row once it is cancelled; null where there is none. Throws `task_ended` for one that is final. Carried through once sent. */
  cancel(rowId: string): Promise<Task | null>;
  /** The row as it was; null where there is none. Carried through once sent. */
  remove(rowId: string): Promise<Task | null>;
  /** Syncs one update and answers with the row as it then stands, in one round trip. */
  sync(update: TaskUpdate, signal: AbortSignal): Promise<Task | null>;
}

/** A row as the reconciler may read it. */
export interface ActiveRow extends TaskKey {
  readonly userId: string;
  readonly status: Status;
  readonly updatedAt: Stamp;
}

export interface DispatchableRow extends ActiveRow {
  readonly mandate: string;
  readonly maxTicks: number;
}

/** Supabase, as the role task_reconciler. */
export interface ReconcilerTasks {
  /** Answers by correlation_id. Throws when the batch as a whole failed. */
  syncBatch(updates: readonly TaskUpdate[], signal: AbortSignal): Promise<readonly SyncAnswer[]>;
  /** The rows of these tasks, by correlation_id; one that is not there is missing. */
  readRows(keys: readonly TaskKey[], signal: AbortSignal): Promise<ReadonlyMap<string, DispatchableRow>>;
  /** A page of rows that are not final and older than `minAgeMs`, by the database's clock, in the order of correlation_id. */
  activeRows(
    after: string,
    minAgeMs: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly ActiveRow[]>;
}
