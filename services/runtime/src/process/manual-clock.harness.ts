import type { Clock } from './clock.ts';

/** A clock that a test moves: sleeps end in their order, and everything that can go on does so in between. */
export function createManualClock() {
  const sleeps: { readonly at: number; readonly wake: () => void }[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    wallTime: () => 1_800_000_000_000 + now,
    random: () => 0.5,
    uuid: () => '00000000-0000-4000-8000-000000000000',
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', () => resolve(), { once: true });
        sleeps.push({ at: now + ms, wake: resolve });
      }),
  };
  return {
    clock,
    async advance(ms: number): Promise<void> {
      const until = now + ms;
      await settled();
      for (let next = earliest(until); next; next = earliest(until)) {
        now = next.at;
        next.wake();
        await settled();
      }
      now = until;
    },
  };

  function earliest(until: number) {
    sleeps.sort((one, other) => one.at - other.at);
    return (sleeps[0]?.at ?? Number.POSITIVE_INFINITY) <= until ? sleeps.shift() : undefined;
  }
}

/** One turn of the event loop runs every promise that can go on. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
