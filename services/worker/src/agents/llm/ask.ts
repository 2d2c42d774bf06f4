import { type Clock, jittered, withTimeLimit } from '@tickwork/runtime/process/clock';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { ToolChoiceViolationError } from 'ai';
import { AgentError, RetryableAgentError } from '../agent.ts';
import type { Model, ModelAnswer, ModelRequest } from './model.ts';
import { EmptyAnswer, explainFailure, type ModelFailure } from './model-failure.ts';

export interface AskOptions {
  readonly model: Model;
  readonly clock: Clock;
  readonly timeLimitMs: number;
}

/** Throws AgentError, RetryableAgentError, or the signal's reason. */
export type Ask = (
  request: Omit<ModelRequest, 'tools'> & { readonly isLast: boolean },
  context: { readonly signal: AbortSignal; readonly log: Logger },
) => Promise<ModelAnswer>;

const maxRetries = 3;
/** A longer wait is left to the task's own retry, so that no worker is held by it. */
const longestWaitMs = 60_000;
/** For all tries of a step and the waits between, so that a step stays well below the worker's limit for a tick. */
const patienceMs = 240_000;

/** Asks the model until it answers: a few times in place, as long as what goes wrong may pass. */
export function createAsk({ model, clock, timeLimitMs }: AskOptions): Ask {
  async function once({ isLast, ...request }: Parameters<Ask>[0], signal: AbortSignal): Promise<ModelAnswer> {
    if (!isLast) return refuseEmpty(await model({ ...request, tools: 'offered' }, signal));
    const answer = await model({ ...request, tools: 'forbidden' }, signal).catch((error: unknown) => {
      if (!ToolChoiceViolationError.isInstance(error)) throw error;
      return model({ ...request, tools: 'absent' }, signal);
    });
    return refuseEmpty({ ...answer, calls: [] });
  }

  return async (request, { signal, log }) => {
    const begun = clock.now();
    for (let failures = 0; ; failures++) {
      try {
        return await withTimeLimit(clock, timeLimitMs, (limit) =>
          once(request, AbortSignal.any([signal, limit])),
        );
      } catch (error) {
        signal.throwIfAborted();
        const failure = explainFailure(error, clock);
        const waitMs = waitAfter(failure, failures, clock);
        const { status, message: reason } = failure;
        log.warn({ status, reason, wait_ms: Math.round(waitMs) }, 'a call of the model failed');
        if (!failure.passes) throw new AgentError(reason);
        const isLate = clock.now() - begun + waitMs > patienceMs;
        if (failures === maxRetries || waitMs > longestWaitMs || isLate) {
          throw new RetryableAgentError(reason, { retryAfterMs: failure.retryAfterMs ?? 0 });
        }
        await clock.sleep(waitMs, signal);
        signal.throwIfAborted();
      }
    }
  };
}

function refuseEmpty(answer: ModelAnswer): ModelAnswer {
  if (answer.text === '' && answer.calls.length === 0) throw new EmptyAnswer();
  return answer;
}

/** What the endpoint asks for, never less, and a little more, as others were told the same. */
function waitAfter({ retryAfterMs }: ModelFailure, failures: number, clock: Clock): number {
  if (retryAfterMs !== null) return retryAfterMs + clock.random() * Math.min(1000, retryAfterMs / 10);
  return jittered(clock, 1000 * 2 ** failures);
}
