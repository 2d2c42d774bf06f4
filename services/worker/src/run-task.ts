import { once } from 'node:events';
import { type Clock, withTimeLimit } from '@tickwork/runtime/process/clock';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { Envelope } from '@tickwork/task/envelope';
import type { Claim, TaskReports } from '@tickwork/task/ports';
import type { TaskEnd } from '@tickwork/task/task';
import type { Agent } from './agents/agent.ts';
import { createAttempt } from './attempt.ts';
import type { RunOutcome, WorkerEmitter } from './events.ts';
import { createReporter, type Reporter } from './reporter.ts';
import { retrying } from './retry.ts';
import type { Running } from './running.ts';

export interface RunTaskDependencies {
  readonly reports: TaskReports;
  readonly agent: Agent;
  readonly events: WorkerEmitter;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly running: Running;
  readonly claimMs: number;
  /** How long Redis may be away before the message goes back. */
  readonly claimPatienceMs: number;
  /** How long an agent may take to stop before its task is handed back without it. */
  readonly stopPatienceMs: number;
  /** Aborts when the process starts to shut down. */
  readonly shutdown: AbortSignal;
  /** Aborts when it is about to end: no more tries. */
  readonly end: AbortSignal;
}

/** Runs one task from claim to end. Throws when Redis did not answer: the message has to go back to the queue. */
export function createRunTask(dependencies: RunTaskDependencies): (envelope: Envelope) => Promise<void> {
  const { reports, events, clock, claimPatienceMs, shutdown } = dependencies;
  return async (envelope) => {
    const { correlationId, id, userId, traceparent } = envelope;
    const claim: Claim = { correlationId, id, userId, traceparent, token: clock.uuid() };
    const onFailure = (error: unknown) => events.emit('write_failed', { correlationId, error });
    const tryClaim = (limit: AbortSignal) => {
      const signal = AbortSignal.any([shutdown, limit]);
      return retrying(() => reports.claim(claim), { clock, signal, onFailure });
    };
    const answer = await withSpan('claim task', { kind: SpanKind.CONSUMER, parent: traceparent }, () =>
      withTimeLimit(clock, claimPatienceMs, tryClaim),
    );
    if (!answer.claimed) {
      events.emit('claim_refused', { correlationId, reason: answer.reason });
      return;
    }
    events.emit('task_claimed', { correlationId, attempt: answer.attempt });
    let outcome: RunOutcome = 'failed_to_report';
    try {
      outcome = await withSpan('run agent', { parent: traceparent }, () =>
        run(envelope, claim, dependencies),
      );
    } finally {
      events.emit('task_left', { correlationId, outcome });
    }
  };
}

async function run(envelope: Envelope, claim: Claim, dependencies: RunTaskDependencies): Promise<RunOutcome> {
  const { reports, agent, events, logger, clock, claimMs, stopPatienceMs, shutdown, end } = dependencies;
  const { correlationId } = envelope;
  const lost = new AbortController();
  const reporter = createReporter({
    reports,
    claim,
    clock,
    heartbeatMs: claimMs / 3,
    signal: end,
    onStop: () => lost.abort(new DOMException('the task ended, or another worker has it', 'AbortError')),
    onFailure: (error) => events.emit('write_failed', { correlationId, error }),
  });
  const attempt = createAttempt({
    agent,
    task: envelope,
    signal: AbortSignal.any([shutdown, lost.signal]),
    log: logger.child({ correlation_id: correlationId }),
    reporter,
    events,
  });
  const done = new AbortController();
  const forget = dependencies.running.add(correlationId, reporter.check);
  try {
    const finished = await Promise.race([attempt(), stuckAfter(stopPatienceMs)]);
    return await leave(finished, reporter);
  } finally {
    done.abort();
    forget();
    await reporter.close();
  }

  /** Null, once the process has been shutting down for so long: the agent does not heed its signal. */
  async function stuckAfter(patienceMs: number): Promise<null> {
    if (!shutdown.aborted) await once(shutdown, 'abort', { signal: done.signal });
    await clock.sleep(patienceMs, done.signal);
    return null;
  }

  async function leave(finished: TaskEnd | null, { isStopped, close }: Reporter): Promise<RunOutcome> {
    if (isStopped()) return 'stopped';
    if (finished?.status === 'completed' || (finished && !shutdown.aborted)) {
      const answer = await reporter.end(finished);
      return answer === 'written' ? endOf(finished) : 'stopped';
    }
    // Another worker takes over at once; this attempt does not count.
    await close();
    await reports.handBack(claim, 0);
    return 'handed_back';
  }
}

const endOf = ({ status }: TaskEnd): RunOutcome => (status === 'completed' ? 'completed' : 'error');
