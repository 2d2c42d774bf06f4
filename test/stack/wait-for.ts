import { setTimeout as delay } from 'node:timers/promises';

/** Probes until something truthy comes, or throws with the description and the last thing seen. */
export async function waitFor<Value>(
  description: string,
  probe: () => Promise<Value> | Value,
  { timeoutMs = 30_000, everyMs = 50 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Value>> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  }
  throw new Error(`waited ${timeoutMs} ms for ${description}; last: ${String(last)}`);
}
