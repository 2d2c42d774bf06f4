import { type Clock, jittered } from '@tickwork/runtime/process/clock';

export type PassOutcome = 'done' | 'again';

export interface LoopOptions {
  /** Must be idempotent; passes of one loop never overlap. `again`: there is more to do, start at once. */
  readonly pass: (signal: AbortSignal) => Promise<PassOutcome>;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown, retryInMs: number) => void;
  readonly wake?: Wake;
  readonly longestBackoffMs?: number;
  readonly clock: Clock;
}

/** Runs passes until `signal`: after the interval, when woken, or after a failure with jittered backoff, which nothing cuts short. */
export async function runLoop(options: LoopOptions): Promise<void> {
  const { pass, intervalMs, signal, onFailure, wake, longestBackoffMs = 5000, clock } = options;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const outcome = await pass(signal);
      failures = 0;
      if (outcome === 'done') await (wake ? wake.wait(intervalMs, signal) : clock.sleep(intervalMs, signal));
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
