import { withTimeLimit } from '@tickwork/runtime/process/clock';
import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { Envelope } from '@tickwork/task/envelope';
import type { Claim } from '@tickwork/task/ports';
import type { RunOutcome } from './events.ts';
import { retrying } from './retry.ts';
import { type RunAgentDependencies, runAgent } from './run-agent.ts';

export interface RunTaskDependencies extends RunAgentDependencies {
  /** How long Redis may be away before the message goes back. Milliseconds. */
  readonly claimPatienceMs: number;
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
    const { attempt, checkpoint } = answer;
    events.emit('task_claimed', { correlationId, attempt, resumed: Boolean(checkpoint) });
    let outcome: RunOutcome = 'failed_to_report';
    try {
      outcome = await withSpan('run agent', { parent: traceparent }, () =>
        runAgent({ envelope, claim, number: attempt, checkpoint }, dependencies),
      );
    } finally {
      events.emit('task_left', { correlationId, outcome });
    }
  };
}
