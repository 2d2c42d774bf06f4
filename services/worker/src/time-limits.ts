import type { Clock } from '@tickwork/runtime/process/clock';

/** Milliseconds. */
export interface TimeLimits {
  /** How long a task's agent may run, over all its attempts; of those before, as much as the last checkpoint tells. */
  readonly taskTimeoutMs: number;
  /** How long it may give no sign of life: a tick or a checkpoint. */
  readonly tickTimeoutMs: number;
}

export type Expiry = 'task' | 'tick';

export interface WatchOptions extends TimeLimits {
  readonly clock: Clock;
  /** How long it had run before. */
  readonly ranMs: number;
  /** When it last gave a sign of life, by `clock`. */
  readonly lastSignAt: () => number;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  readonly onExpiry: (expiry: Expiry) => void;
}

/** Tells once when the first of the two limits is over. */
export async function watchTimeLimits(options: WatchOptions): Promise<void> {
  const { clock, ranMs, taskTimeoutMs, tickTimeoutMs, lastSignAt, signal, onExpiry } = options;
  const taskEndsAt = clock.now() + taskTimeoutMs - ranMs;
  while (!signal.aborted) {
    const tickEndsAt = lastSignAt() + tickTimeoutMs;
    const leftMs = Math.min(taskEndsAt, tickEndsAt) - clock.now();
    if (leftMs <= 0) return onExpiry(taskEndsAt <= tickEndsAt ? 'task' : 'tick');
    await clock.sleep(leftMs, signal);
  }
}

/** What a user reads of it. */
export function tellExpiry(expiry: Expiry, { taskTimeoutMs, tickTimeoutMs }: TimeLimits): string {
  return expiry === 'task'
    ? `the task took longer than ${inWords(taskTimeoutMs)}`
    : `no tick within ${inWords(tickTimeoutMs)}`;
}

function inWords(ms: number): string {
  const units = [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ] as const;
  const [name, size] = units.find(([, unit]) => ms % unit === 0) ?? ['ms', 1];
  return `${ms / size} ${name}`;
}
