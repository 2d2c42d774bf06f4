import { type Clock, jittered } from '@tickwork/runtime/process/clock';

const shortestMs = 1000;
const longestMs = 300_000;
/** A record that is due further ahead than this counts as due at once. */
const mostMs = 3_600_000;

/** How long a task waits for its next attempt, in milliseconds: doubled each time, with jitter, and no less than its agent asks for. */
export function retryWaitMs(clock: Pick<Clock, 'random'>, attempt: number, retryAfterMs: number): number {
  const grown = Math.min(longestMs, shortestMs * 2 ** Math.min(attempt - 1, 20));
  return Math.round(Math.min(mostMs, Math.max(retryAfterMs, jittered(clock, grown))));
}
