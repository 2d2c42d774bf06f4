import type { Clock } from '@tickwork/runtime/process/clock';
import type { TaskEnd } from '@tickwork/task/task';
import type { Attempt } from './attempt.ts';
import type { RunOutcome, WorkerEmitter } from './events.ts';
import { failing, type Leaving } from './finished.ts';
import type { Reporter } from './reporter.ts';
import { retryWaitMs } from './retry-wait.ts';

export interface LeaveDependencies {
  readonly correlationId: string;
  /** Which attempt this was, as the claim told. */
  readonly number: number;
  readonly attempt: Attempt;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly events: WorkerEmitter;
}

/** Leaves a task as was decided. Throws when Redis did not take it before the process ends. */
export async function leaveTask(leaving: Leaving, dependencies: LeaveDependencies): Promise<RunOutcome> {
  const { correlationId, number, attempt, reporter, clock, events } = dependencies;
  switch (leaving.kind) {
    case 'end':
      return end(leaving.end);
    case 'hand_back': {
      attempt.reportTime();
      const answer = await reporter.handBack({ waitMs: 0, spent: false });
      return answer === 'handed_back' ? 'handed_back' : 'stopped';
    }
    case 'retry': {
      attempt.reportTime();
      // After a checkpoint with more ticks the record counts from 1 again.
      const waitMs = retryWaitMs(clock, attempt.gotOn() ? 1 : number, leaving.retryAfterMs);
      const answer = await reporter.handBack({ waitMs, spent: true });
      if (answer === 'no_attempt_left') return end(failing(leaving.message).end);
      if (answer === 'stop') return 'stopped';
      events.emit('task_retried', { correlationId, reason: leaving.reason, waitMs });
      return 'retried';
    }
  }

  async function end(taskEnd: TaskEnd): Promise<RunOutcome> {
    const answer = await reporter.end(taskEnd);
    if (answer === 'stop') return 'stopped';
    return taskEnd.status === 'completed' ? 'completed' : 'error';
  }
}
