import type { Clock } from '@tickwork/runtime/process/clock';
import { type Random, uuidFrom } from './random.ts';
import type { Timeline } from './timeline.ts';

export type Role = 'gateway' | 'worker' | 'reconciler';

/** One life of a process, from start to crash. What reaches it after its end is lost; while it is stopped, it waits. */
export interface Process {
  readonly role: Role;
  readonly name: string;
  readonly clock: Clock;
  isAlive(): boolean;
  isPaused(): boolean;
  /** Runs it in this process: now, when it goes on, or never. */
  deliver(run: () => void): void;
  kill(): void;
  /** As SIGSTOP: nothing runs and no answer arrives, but every clock goes on. */
  pause(): void;
  resume(): void;
}

export interface ProcessOptions {
  readonly role: Role;
  readonly name: string;
  readonly timeline: Timeline;
  readonly random: Random;
  /** How far the host's own clock is off, in milliseconds. */
  readonly skewMs: number;
  readonly newToken?: () => string;
}

export function createProcess({ role, name, timeline, random, skewMs, newToken }: ProcessOptions): Process {
  let alive = true;
  let held: (() => void)[] | null = null;

  function deliver(run: () => void): void {
    if (!alive) return;
    if (held) held.push(run);
    else run();
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        takeBack();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const takeBack = timeline.at(timeline.now() + Math.max(0, ms), () => deliver(end));
      signal?.addEventListener('abort', end);
    });
  }

  return {
    role,
    name,
    clock: {
      now: timeline.now,
      wallTime: () => timeline.now() + skewMs,
      sleep,
      random: random.next,
      uuid: newToken ?? (() => uuidFrom(random)),
    },
    isAlive: () => alive,
    isPaused: () => held !== null,
    deliver,
    kill: () => {
      alive = false;
      held = null;
    },
    pause: () => {
      held ??= [];
    },
    resume: () => {
      const runs = held ?? [];
      held = null;
      for (const run of runs) timeline.at(timeline.now(), () => deliver(run));
    },
  };
}
