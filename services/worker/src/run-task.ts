import { messagingAttributes } from '@tickwork/runtime/rabbitmq/messaging-attributes';
import {
  continueTrace,
  currentTraceparent,
  SpanKind,
  withSpan,
} from '@tickwork/runtime/telemetry/trace-context';
import type { Envelope } from '@tickwork/task/envelope';
import type { Claim } from '@tickwork/task/ports';
import type { RunOutcome } from './events.ts';
import { retrying } from './retry.ts';
import { type ClaimedTask, type RunAgentDependencies, runAgent } from './run-agent.ts';

export interface RunTaskDependencies extends RunAgentDependencies {
  /** From which the messages come. */
  readonly queue: string;
}

/** `publishedAt` by the publisher's host's clock; null where it does not tell how long the task waited. */
export type RunTask = (envelope: Envelope, publishedAt: number | null) => Promise<void>;

/**
 * Runs one task from claim to end. Throws when Redis did not answer until the shutdown: the message has to go back to the queue. Its
 * span ends with the claim, as a task may take hours; all that follows comes under it.
 */
export function createRunTask(dependencies: RunTaskDependencies): RunTask {
  const { reports, events, clock, shutdown, queue } = dependencies;

  /** Of two hosts' clocks: what would be below 0 is 0. */
  const waitedMs = (publishedAt: number | null) =>
    publishedAt === null ? null : Math.max(0, Math.round(clock.wallTime() - publishedAt));

  async function claimTask(claim: Claim, publishedAt: number | null) {
    const { correlationId } = claim;
    const onFailure = (error: unknown) => events.emit('write_failed', { correlationId, error });
    // For as long as Redis is away: each message that goes back counts, and after some the broker would take it for poison.
    const answer = await retrying(() => reports.claim(claim), { clock, signal: shutdown, onFailure });
    if (answer.claimed) {
      const { attempt, checkpoint } = answer;
      const told = { attempt, resumed: Boolean(checkpoint), waitedMs: waitedMs(publishedAt) };
      events.emit('task_claimed', { correlationId, ...told });
    } else events.emit('claim_refused', { correlationId, reason: answer.reason });
    return { answer, traceparent: currentTraceparent() };
  }

  async function runClaimed(task: ClaimedTask): Promise<void> {
    let outcome: RunOutcome = 'failed_to_report';
    try {
      outcome = await runAgent(task, dependencies);
    } finally {
      events.emit('task_left', { correlationId: task.claim.correlationId, outcome });
    }
  }

  return async (envelope, publishedAt) => {
    const { correlationId, id, userId, traceparent: parent } = envelope;
    const claim: Claim = { correlationId, id, userId, traceparent: parent, token: clock.uuid() };
    const attributes = {
      ...messagingAttributes(queue, 'process'),
      'tickwork.task.correlation_id': correlationId,
    };
    const { answer, traceparent } = await withSpan(
      `process ${queue}`,
      { kind: SpanKind.CONSUMER, attributes, parent },
      () => claimTask(claim, publishedAt),
    );
    if (!answer.claimed) return;
    const { attempt: number, checkpoint } = answer;
    await continueTrace(traceparent, () => runClaimed({ envelope, claim, number, checkpoint }));
  };
}
