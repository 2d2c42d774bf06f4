import type { Clock } from '@tickwork/runtime/process/clock';

/** True time, which no host knows; events run in its order, each to its end. */
export interface World {
  now(): number;
  at(trueMs: number, run: () => void): void;
  /** Runs every event up to `trueMs`, with `check` after each. */
  runUntil(trueMs: number, check?: () => void): Promise<void>;
}

export interface Host {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  /** As SIGSTOP: nothing runs and no answer arrives, but the clock goes on. */
  pause(): void;
  resume(): void;
  /** Runs it now, or when the host goes on. */
  deliver(run: () => void): void;
}

export function createWorld(): World {
  const events: { readonly at: number; readonly run: () => void }[] = [];
  let now = 0;
  const next = (until: number) => {
    const first = events.reduce<number>(
      (best, { at }, index) => (best < 0 || at < (events[best]?.at ?? 0) ? index : best),
      -1,
    );
    return (events[first]?.at ?? Number.POSITIVE_INFINITY) <= until ? events.splice(first, 1)[0] : undefined;
  };
  return {
    now: () => now,
    at: (trueMs, run) => void events.push({ at: Math.max(trueMs, now), run }),
    async runUntil(trueMs, check = () => {}) {
      await settled();
      for (let event = next(trueMs); event; event = next(trueMs)) {
        now = event.at;
        event.run();
        await settled();
        check();
      }
      now = trueMs;
    },
  };
}

/** One turn of the event loop runs every promise that can go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A host whose clock shows another time, and runs at another rate. */
export function createHost(world: World, { offsetMs = 0, rate = 1 } = {}): Host {
  let held: (() => void)[] | null = null;
  const deliver = (run: () => void) => (held ? void held.push(run) : run());
  return {
    deliver,
    pause: () => {
      held ??= [];
    },
    resume: () => {
      const runs = held ?? [];
      held = null;
      for (const run of runs) run();
    },
    clock: {
      now: () => offsetMs + rate * world.now(),
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          signal?.addEventListener('abort', () => resolve(), { once: true });
          world.at(world.now() + Math.max(0, ms) / rate, () => deliver(resolve));
        }),
    },
  };
}
