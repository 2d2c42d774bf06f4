import { type Clock, jittered } from '@tickwork/runtime/process/clock';

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

/** Tries until it works; gives up, with the last error, when `signal` aborts. Waits grow to 2 s, with jitter. */
export async function retrying<Value>(
  action: () => Promise<Value>,
  { clock, signal, onFailure }: RetryOptions,
): Promise<Value> {
  for (let failures = 0; ; failures++) {
    try {
      return await action();
    } catch (error) {
      onFailure(error);
      if (signal.aborted) throw error;
      const longest = Math.min(2000, 50 * 2 ** Math.min(failures, 10));
      await clock.sleep(jittered(clock, longest), signal);
      if (signal.aborted) throw error;
    }
  }
}
