import { setTimeout as delay } from 'node:timers/promises';

/** Tries until it works; gives up, with the last error, when `signal` aborts. Waits grow to 2 s, with jitter. */
export async function retrying<Value>(
  action: () => Promise<Value>,
  { signal, onFailure }: { signal: AbortSignal; onFailure: (error: unknown) => void },
): Promise<Value> {
  for (let failures = 0; ; failures++) {
    try {
      return await action();
    } catch (error) {
      onFailure(error);
      if (signal.aborted) throw error;
      const longest = Math.min(2000, 50 * 2 ** Math.min(failures, 10));
      await delay(longest * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
      if (signal.aborted) throw error;
    }
  }
}
