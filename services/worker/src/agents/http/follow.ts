import { type AgentContext, AgentError, type AgentResult, RetryableAgentError } from '../agent.ts';
import { shortened } from '../shortened.ts';
import { readEvent, type ServiceEvent } from './events.ts';

/** In characters, of what a service tells the user. */
export const longestMessage = 500;

/** Does what the events say, one after the other, up to the result. Each waits until the one before it was taken. */
export async function followEvents(
  texts: AsyncIterable<string>,
  { tick, checkpoint, log }: Pick<AgentContext, 'tick' | 'checkpoint' | 'log'>,
): Promise<AgentResult> {
  let note: string | undefined;
  for await (const text of texts) {
    const event = readEvent(text);
    switch (event?.type) {
      case 'note':
        note = event.notes;
        break;
      case 'tick':
        await tick(event.notes ?? note);
        note = undefined;
        break;
      case 'checkpoint':
        await checkpoint(event.state);
        break;
      case 'result':
        return resultOf(event);
      case 'error':
        throw errorOf(event);
      case undefined:
        log.debug('the agent service sent an event of a type that is not known');
        break;
      default:
        event satisfies never;
    }
  }
  throw new RetryableAgentError("the agent service's answer ended without a result");
}

function resultOf({ type: _, ...result }: Extract<ServiceEvent, { type: 'result' }>): AgentResult {
  return result;
}

function errorOf(event: Extract<ServiceEvent, { type: 'error' }>): AgentError {
  const message = shortened(event.message, longestMessage);
  if (!event.retryable) return new AgentError(message);
  return new RetryableAgentError(message, { retryAfterMs: event.retry_after_ms ?? 0 });
}
