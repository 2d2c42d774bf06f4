import type { Clock } from '@tickwork/runtime/process/clock';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import type { Envelope } from '@tickwork/task/envelope';
import type { Checkpoint, Claim, TaskReports } from '@tickwork/task/ports';
import type { Agent } from './agents/agent.ts';
import { createAttempt } from './attempt.ts';
import type { RunOutcome, WorkerEmitter } from './events.ts';
import { decideLeaving, type Finished } from './finished.ts';
import { leaveTask } from './leave-task.ts';
import { createReporter, type Reporter } from './reporter.ts';
import type { Running } from './running.ts';
import { createStopping, type Stopping } from './stopping.ts';
import { type TimeLimits, watchTimeLimits } from './time-limits.ts';

/** Times are milliseconds. */
export interface RunAgentDependencies extends TimeLimits {
  readonly reports: TaskReports;
  readonly agent: Agent;
  readonly events: WorkerEmitter;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly running: Running;
  readonly claimMs: number;
  /** How long an agent may take to stop before its task is left without it. */
  readonly stopPatienceMs: number;
  readonly resultLimitBytes: number;
  /** Aborts when the process starts to shut down. */
  readonly shutdown: AbortSignal;
  /** Aborts when it is about to end: no more tries. */
  readonly end: AbortSignal;
}

export interface ClaimedTask {
  readonly envelope: Envelope;
  readonly claim: Claim;
  /** As the claim told. */
  readonly number: number;
  readonly checkpoint: Checkpoint | null;
}

/** Runs the agent for a task that was claimed, and leaves the task: ended, for another attempt, or as somebody else's. */
export async function runAgent(task: ClaimedTask, dependencies: RunAgentDependencies): Promise<RunOutcome> {
  const { envelope, number, checkpoint } = task;
  const { logger, clock, events, shutdown } = dependencies;
  const { correlationId } = envelope;
  const stopping = createStopping(shutdown, dependencies);
  const { signal, lost } = stopping;
  const reporter = reportOn(task, dependencies, stopping);
  const log = logger.child({ correlation_id: correlationId });
  const attempt = createAttempt({
    ...dependencies,
    task: envelope,
    resume: checkpoint,
    signal,
    log,
    reporter,
  });
  lost.addEventListener('abort', () => attempt.close(lost.reason), { once: true });
  const done = new AbortController();
  const forget = dependencies.running.add(correlationId, reporter.check);
  void watchTimeLimits({
    ...dependencies,
    ranMs: checkpoint?.ranMs ?? 0,
    lastSignAt: attempt.lastSignAt,
    signal: AbortSignal.any([signal, done.signal]),
    onExpiry: stopping.expire,
  });
  try {
    const finished = await Promise.race([attempt.run(), leftBehind()]);
    attempt.close(new DOMException('this attempt is over', 'AbortError'));
    if (reporter.isStopped()) return 'stopped';
    const why = { expiry: stopping.expiry(), shutdown: shutdown.aborted, limits: dependencies };
    const leaving = decideLeaving({ finished, ...why });
    return await leaveTask(leaving, { correlationId, number, attempt, reporter, clock, events });
  } finally {
    done.abort();
    forget();
    await reporter.close();
  }

  /** Null: the agent does not heed its signal. */
  async function leftBehind(): Promise<Finished | null> {
    await stopping.late(clock, dependencies.stopPatienceMs, done.signal);
    if (!done.signal.aborted) events.emit('agent_left_behind', { correlationId });
    return null;
  }
}

function reportOn(
  { claim, envelope: { correlationId } }: ClaimedTask,
  { reports, clock, claimMs, end, events }: RunAgentDependencies,
  stopping: Stopping,
): Reporter {
  return createReporter({
    reports,
    claim,
    clock,
    heartbeatMs: claimMs / 3,
    signal: end,
    onStop: stopping.loseClaim,
    onFailure: (error) => events.emit('write_failed', { correlationId, error }),
    onWritten: ({ checkpoint }) => events.emit('progress_written', { checkpoint: checkpoint !== null }),
  });
}
