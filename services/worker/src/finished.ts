import { storableText } from '@tickwork/task/storable';
import type { TaskEnd } from '@tickwork/task/task';
import type { RetryableAgentError } from './agents/agent.ts';
import { type Expiry, type TimeLimits, tellExpiry } from './time-limits.ts';

/** `asked`: by a RetryableAgentError. `unknown`: any other error. A label of a metric. */
export const retryReasons = ['asked', 'unknown', 'tick_timeout'] as const;
export type RetryReason = (typeof retryReasons)[number];

/** What became of one call of an agent. */
export type Finished =
  | { readonly kind: 'completed'; readonly result: string }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'retry';
      readonly reason: RetryReason;
      /** What the user reads where no attempt is left. */
      readonly message: string;
      readonly retryAfterMs: number;
    };

/** What a worker does with a task that it leaves. */
export type Leaving =
  | { readonly kind: 'end'; readonly end: TaskEnd }
  | Extract<Finished, { kind: 'retry' }>
  /** For another worker, at once. */
  | { readonly kind: 'hand_back' };

/** What an error of an agent means. By name, too, as an agent may come with a copy of its own of these classes. */
export function finishedBy(error: unknown): Exclude<Finished, { kind: 'completed' }> {
  if (isNamed(error, 'RetryableAgentError')) {
    const { retryAfterMs } = error as Partial<RetryableAgentError>;
    const message = storableText(error.message);
    return { kind: 'retry', reason: 'asked', message, retryAfterMs: waitOf(retryAfterMs) };
  }
  if (isNamed(error, 'AgentError')) return { kind: 'failed', message: storableText(error.message) };
  return { kind: 'retry', reason: 'unknown', message: 'the agent failed', retryAfterMs: 0 };
}

function isNamed(error: unknown, name: 'AgentError' | 'RetryableAgentError'): error is Error {
  return error instanceof Error && error.name === name;
}

const waitOf = (ms: unknown) => (typeof ms === 'number' && ms > 0 ? ms : 0);

export interface Circumstances {
  /** Null: the agent didn't stop in time, and is left behind. */
  readonly finished: Finished | null;
  readonly expiry: Expiry | null;
  readonly shutdown: boolean;
  readonly limits: TimeLimits;
}

/**
 * What finished counts, also where the agent had been told to stop. Of failures after that nothing is told: they come of it. The
 * limits go before a shutdown, as an agent that stood still would stand still at the next worker too.
 */
export function decideLeaving({ finished, expiry, shutdown, limits }: Circumstances): Leaving {
  if (finished?.kind === 'completed')
    return { kind: 'end', end: { status: 'completed', result: finished.result, error: null } };
  if (expiry === 'task') return failing(tellExpiry(expiry, limits));
  if (expiry === 'tick') {
    const message = tellExpiry(expiry, limits);
    return { kind: 'retry', reason: 'tick_timeout', message, retryAfterMs: 0 };
  }
  if (shutdown || !finished) return { kind: 'hand_back' };
  return finished.kind === 'failed' ? failing(finished.message) : finished;
}

export function failing(message: string): Leaving & { kind: 'end' } {
  return { kind: 'end', end: { status: 'error', result: null, error: message } };
}
