import { EventEmitter } from 'node:events';
import type { ClaimRefusal } from '@tickwork/task/ports';
import type { Status } from '@tickwork/task/status';
import type { RetryReason } from './finished.ts';

/**
 * `stopped`: cancelled, or another worker has it. `retried`: it failed, and is tried again later. `handed_back`: for another worker,
 * as this one shuts down. `failed_to_report`: Redis was out of reach to the end.
 */
export const runOutcomes = [
  'completed',
  'error',
  'stopped',
  'retried',
  'handed_back',
  'failed_to_report',
] as const;
export type RunOutcome = (typeof runOutcomes)[number];

export interface WorkerEvents {
  message_rejected: [{ reason: string }];
  claim_refused: [{ correlationId: string; reason: ClaimRefusal }];
  /** `resumed`: from a checkpoint. `waitedMs`: since the publish; null where nobody knows, or its message came before. */
  task_claimed: [{ correlationId: string; attempt: number; resumed: boolean; waitedMs: number | null }];
  /** Between claim and end: the agent was called, and its first tick. */
  status_changed: [{ correlationId: string; status: Status }];
  /** The task's so many-th, and how long after the last one, or after the agent was called. */
  ticked: [{ correlationId: string; tick: number; seconds: number }];
  /** Redis took progress, and a checkpoint with it or not. */
  progress_written: [{ checkpoint: boolean }];
  task_retried: [{ correlationId: string; reason: RetryReason; waitMs: number }];
  /** It didn't stop in time when it was told to. */
  agent_left_behind: [{ correlationId: string }];
  task_left: [{ correlationId: string; outcome: RunOutcome }];
  /** The message goes back to the queue. */
  message_requeued: [{ correlationId: string; error: unknown }];
  /** Redis did not take a write; it is tried again. */
  write_failed: [{ correlationId: string; error: unknown }];
  agent_failed: [{ correlationId: string; error: unknown }];
}

export type WorkerEmitter = EventEmitter<WorkerEvents>;
export const createWorkerEvents = (): WorkerEmitter => new EventEmitter<WorkerEvents>();
