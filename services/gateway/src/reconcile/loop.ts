import { type Clock, jittered } from '@tickwork/runtime/process/clock';

/** How a pass ended that did not fail. `again_after`: there is more to do, `ms` from now, whatever the interval. */
export type PassEnd = { readonly kind: 'done' } | { readonly kind: 'again_after'; readonly ms: number };

export const done: PassEnd = { kind: 'done' };
export const againAfter = (ms: number): PassEnd => ({ kind: 'again_after', ms });

export interface LoopOptions {
  /** Must be idempotent; passes of one loop never overlap. One that throws has failed. */
  readonly pass: (signal: AbortSignal) => Promise<PassEnd>;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown, retryInMs: number) => void;
  readonly wake?: Wake;
  readonly longestBackoffMs?: number;
  readonly clock: Clock;
}

/**
 * Runs passes until `signal`. After one that is done comes the interval, which a wake cuts short; after one that failed a jittered
 * backoff, which, as the wait that a pass asks for, nothing cuts short.
 */
export async function runLoop(options: LoopOptions): Promise<void> {
  const { pass, intervalMs, signal, onFailure, wake, longestBackoffMs = 5000, clock } = options;
  let failures = 0;

  async function waitAfter(end: PassEnd): Promise<void> {
    switch (end.kind) {
      case 'done':
        return wake ? wake.wait(intervalMs, signal) : clock.sleep(intervalMs, signal);
      case 'again_after':
        return end.ms > 0 ? clock.sleep(end.ms, signal) : undefined;
      default:
        return end satisfies never;
    }
  }

  while (!signal.aborted) {
    try {
      const end = await pass(signal);
      failures = 0;
      await waitAfter(end);
    } catch (error) {
      if (signal.aborted) return;
      const retryInMs = jittered(clock, Math.min(longestBackoffMs, 100 * 2 ** failures++));
      onFailure(error, retryInMs);
      await clock.sleep(retryInMs, signal);
    }
  }
}

/** Remembers that somebody called while nobody waited, so that no wake is lost between two waits. */
export class Wake {
  readonly #clock: Pick<Clock, 'sleep'>;
  #woken = false;
  #cut: AbortController | null = null;

  constructor(clock: Pick<Clock, 'sleep'>) {
    this.#clock = clock;
  }

  wake(): void {
    this.#woken = true;
    this.#cut?.abort();
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#woken) {
      this.#cut = new AbortController();
      await this.#clock.sleep(ms, AbortSignal.any([signal, this.#cut.signal]));
      this.#cut = null;
    }
    this.#woken = false;
  }
}
