import type { Clock } from '@tickwork/runtime/process/clock';
import type { PassName, ReconcilerEmitter } from './events.ts';
import { done, type PassEnd, runLoop, type Wake } from './loop.ts';

export interface RunPassesOptions {
  readonly passes: Readonly<Record<PassName, (signal: AbortSignal) => Promise<PassEnd>>>;
  readonly intervalsMs: Readonly<Record<PassName, number>>;
  /** Starts the hints' pass at once. */
  readonly wake: Wake;
  readonly events: ReconcilerEmitter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Asked before each pass; where it says no, the pass is left out. */
  readonly isLeader: () => boolean;
}

/** Runs the loops until `signal`, and ends when the last pass has ended. */
export async function runPasses(options: RunPassesOptions): Promise<void> {
  const { passes, intervalsMs, wake, events, clock, signal, isLeader } = options;
  const loop = (pass: PassName, woken?: Wake) =>
    runLoop({
      pass: async (passSignal) => (isLeader() ? passes[pass](passSignal) : done),
      intervalMs: intervalsMs[pass],
      signal,
      clock,
      onFailure: (error, retryInMs) => events.emit('pass_failed', { pass, error, retryInMs }),
      ...(woken ? { wake: woken } : {}),
    });
  await Promise.all([loop('hints', wake), loop('scan'), loop('quiet'), loop('repair')]);
}
