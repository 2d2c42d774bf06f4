import { randomUUID } from 'node:crypto';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { Envelope } from '@tickwork/task/envelope';
import { advance } from '@tickwork/task/lifecycle';
import type { Claim, TaskReports } from '@tickwork/task/ports';
import type { Status } from '@tickwork/task/status';
import { storableJson, storableText } from '@tickwork/task/storable';
import type { TaskEnd } from '@tickwork/task/task';
import { type Agent, AgentError } from './agents/agent.ts';
import type { RunOutcome, WorkerEmitter } from './events.ts';
import { createReporter } from './reporter.ts';
import { retrying } from './retry.ts';

export interface RunTaskDependencies {
  readonly reports: TaskReports;
  readonly agent: Agent;
  readonly events: WorkerEmitter;
  readonly logger: Logger;
  readonly claimMs: number;
  /** How long Redis may be away before the message goes back. */
  readonly claimPatienceMs: number;
  /** Aborts when the process starts to shut down. */
  readonly shutdown: AbortSignal;
  /** Aborts when it is about to end: no more tries. */
  readonly end: AbortSignal;
}

/** Runs one task from claim to end. Throws when Redis did not answer: the message has to go back to the queue. */
export function createRunTask(dependencies: RunTaskDependencies): (envelope: Envelope) => Promise<void> {
  const { reports, events, claimPatienceMs, shutdown } = dependencies;
  return async (envelope) => {
    const { correlationId, id, userId, traceparent } = envelope;
    const claim: Claim = { correlationId, id, userId, traceparent, token: randomUUID() };
    const onFailure = (error: unknown) => events.emit('write_failed', { correlationId, error });
    const signal = AbortSignal.any([shutdown, AbortSignal.timeout(claimPatienceMs)]);
    const answer = await withSpan('claim task', { kind: SpanKind.CONSUMER, parent: traceparent }, () =>
      retrying(() => reports.claim(claim), { signal, onFailure }),
    );
    if (!answer.claimed) {
      events.emit('claim_refused', { correlationId, reason: answer.reason });
      return;
    }
    events.emit('task_started', { correlationId, attempt: answer.attempt });
    let outcome: RunOutcome = 'stopped';
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
  const { reports, agent, events, logger, claimMs, shutdown, end } = dependencies;
  const { correlationId, mandate, maxTicks } = envelope;
  const lost = new AbortController();
  const signal = AbortSignal.any([shutdown, lost.signal]);
  const reporter = createReporter({
    reports,
    claim,
    heartbeatMs: claimMs / 3,
    signal: end,
    onStop: () => lost.abort(),
    onFailure: (error) => events.emit('write_failed', { correlationId, error }),
  });
  const status = createStatus();
  let spent = 0;

  async function tick(notes?: string): Promise<void> {
    signal.throwIfAborted();
    if (spent >= maxTicks) throw new AgentError(`the budget of ${maxTicks} ticks is spent`);
    spent += 1;
    events.emit('ticked');
    const result = notes === undefined ? null : storableJson({ notes });
    reporter.report({ status: status.ticked(), tick: spent, result });
  }

  reporter.report({ status: status.started(), tick: null, result: null });
  const log = logger.child({ correlation_id: correlationId });
  const finished = await agent.run({ correlationId, mandate, maxTicks }, { tick, signal, log }).then(
    (result): TaskEnd => ({ status: 'completed', result: storableJson(result), error: null }),
    (error: unknown): TaskEnd => {
      if (!signal.aborted) events.emit('agent_failed', { correlationId, error });
      return { status: 'error', result: null, error: describe(error) };
    },
  );
  if (reporter.isStopped()) return leave('stopped');
  if (finished.status === 'error' && shutdown.aborted) return handBack();
  return (await reporter.end(finished)) === 'written' && finished.status !== 'cancelled'
    ? finished.status
    : 'stopped';

  async function leave(outcome: RunOutcome): Promise<RunOutcome> {
    await reporter.close();
    return outcome;
  }

  /** Another worker takes over at once; this attempt does not count. */
  async function handBack(): Promise<RunOutcome> {
    await reporter.close();
    await reports.handBack(claim, 0);
    return 'handed_back';
  }
}

/** The statuses between claim and end, by the lifecycle. */
function createStatus() {
  let status: Status = 'accepted';
  return {
    started: (): 'started' => {
      status = advance(status, 'start');
      return 'started';
    },
    ticked: (): 'in_progress' => {
      status = advance(status, 'tick');
      return 'in_progress';
    },
  };
}

function describe(error: unknown): string {
  return error instanceof AgentError ? storableText(error.message) : 'the agent failed';
}
