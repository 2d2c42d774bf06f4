import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { Envelope } from '@tickwork/task/envelope';
import type { Claim } from '@tickwork/task/ports';
import type { RunOutcome } from './events.ts';
import { retrying } from './retry.ts';
import { type RunAgentDependencies, runAgent } from './run-agent.ts';

/** Runs one task from claim to end. Throws when Redis did not answer until the shutdown: the message has to go back to the queue. */
export function createRunTask(dependencies: RunAgentDependencies): (envelope: Envelope) => Promise<void> {
  const { reports, events, clock, shutdown } = dependencies;
  return async (envelope) => {
    const { correlationId, id, userId, traceparent } = envelope;
    const claim: Claim = { correlationId, id, userId, traceparent, token: clock.uuid() };
    const onFailure = (error: unknown) => events.emit('write_failed', { correlationId, error });
    // For as long as Redis is away: each message that goes back counts, and after some the broker would take it for poison.
    const answer = await withSpan('claim task', { kind: SpanKind.CONSUMER, parent: traceparent }, () =>
      retrying(() => reports.claim(claim), { clock, signal: shutdown, onFailure }),
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
