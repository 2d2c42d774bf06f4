import { EventEmitter } from 'node:events';
import type { ClaimRefusal } from '@tickwork/task/ports';
import type { Status } from '@tickwork/task/status';
import type { ReportOperation } from './timed-reports.ts';

/** `stopped`: cancelled, or another worker has it. `failed_to_report`: Redis was out of reach to the end. */
export type RunOutcome = 'completed' | 'error' | 'stopped' | 'handed_back' | 'failed_to_report';

export interface WorkerEvents {
  message_rejected: [{ reason: string }];
  claim_refused: [{ correlationId: string; reason: ClaimRefusal }];
  task_claimed: [{ correlationId: string; attempt: number }];
  /** Between claim and end: the agent was called, and its first tick. */
  status_changed: [{ correlationId: string; status: Status }];
  ticked: [];
  task_left: [{ correlationId: string; outcome: RunOutcome }];
  /** The message goes back to the queue. */
  message_requeued: [{ correlationId: string; error: unknown }];
  /** Redis did not take a write; it is tried again. */
  write_failed: [{ correlationId: string; error: unknown }];
  /** Redis answered, or failed to. */
  redis_answered: [{ operation: ReportOperation; seconds: number }];
  agent_failed: [{ correlationId: string; error: unknown }];
}

export type WorkerEmitter = EventEmitter<WorkerEvents>;
export const createWorkerEvents = (): WorkerEmitter => new EventEmitter<WorkerEvents>();
