import { setTimeout as delay } from 'node:timers/promises';

export type PassOutcome = 'done' | 'again';

export interface LoopOptions {
  /** Must be idempotent; passes of one loop never overlap. `again`: there is more to do, start at once. */
  readonly pass: (signal: AbortSignal) => Promise<PassOutcome>;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown, retryInMs: number) => void;
  readonly wake?: Wake;
  readonly longestBackoffMs?: number;
  readonly random?: () => number;
}

/** Runs passes until `signal`: after the interval, when woken, or after a failure with jittered backoff, which nothing cuts short. */
export async function runLoop(options: LoopOptions): Promise<void> {
  const {
    pass,
    intervalMs,
    signal,
    onFailure,
    wake,
    longestBackoffMs = 5000,
    random = Math.random,
  } = options;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const outcome = await pass(signal);
      failures = 0;
      if (outcome === 'done') await (wake ? wake.wait(intervalMs, signal) : pause(intervalMs, signal));
    } catch (error) {
      if (signal.aborted) return;
      const retryInMs = (0.5 + random() / 2) * Math.min(longestBackoffMs, 100 * 2 ** failures++);
      onFailure(error, retryInMs);
      await pause(retryInMs, signal);
    }
  }
}

/** Remembers that somebody called while nobody waited, so that no wake is lost between two waits. */
export class Wake {
  #woken = false;
  #cut: AbortController | null = null;

  wake(): void {
    this.#woken = true;
    this.#cut?.abort();
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#woken) {
      this.#cut = new AbortController();
      await pause(ms, AbortSignal.any([signal, this.#cut.signal]));
      this.#cut = null;
    }
    this.#woken = false;
  }
}

/** Ends early, without an error, when `signal` aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}
