import { once } from 'node:events';
import type { Clock } from '@tickwork/runtime/process/clock';
import { type Expiry, type TimeLimits, tellExpiry } from './time-limits.ts';

/** Why and when one call of an agent has to stop. */
export interface Stopping {
  /** The agent's. */
  readonly signal: AbortSignal;
  /** Aborts when nothing more may be written. */
  readonly lost: AbortSignal;
  loseClaim(): void;
  expire(expiry: Expiry): void;
  /** Null where it has to stop for another reason, or not at all. */
  expiry(): Expiry | null;
  /** Resolves once the agent was told to stop `patienceMs` ago. Rejects when `done` aborts before it is told. */
  late(clock: Clock, patienceMs: number, done: AbortSignal): Promise<void>;
}

export function createStopping(shutdown: AbortSignal, limits: TimeLimits): Stopping {
  const lost = new AbortController();
  const expired = new AbortController();
  const signal = AbortSignal.any([shutdown, lost.signal, expired.signal]);
  let expiry: Expiry | null = null;
  return {
    signal,
    lost: lost.signal,
    loseClaim: () => lost.abort(new DOMException('the task ended, or another worker has it', 'AbortError')),
    expire(what) {
      expiry = what;
      expired.abort(new DOMException(tellExpiry(what, limits), 'TimeoutError'));
    },
    expiry: () => expiry,
    async late(clock, patienceMs, done) {
      if (!signal.aborted) await once(signal, 'abort', { signal: done });
      await clock.sleep(patienceMs, done);
    },
  };
}
