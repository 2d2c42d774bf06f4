import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../telemetry/logger.ts';

interface Phase {
  readonly name: string;
  readonly timeoutMs: number;
  readonly action: () => Promise<void>;
}

export interface Shutdown {
  /** Aborts when draining starts; the process is not ready from then on. */
  readonly signal: AbortSignal;
  /** Phases run in the order in which they were registered, after the drain delay, each with its own time limit. */
  phase(name: string, timeoutMs: number, action: () => Promise<void>): void;
  /** Idempotent; resolves when every phase has ended, whatever became of it. */
  start(reason: string): Promise<void>;
}

/** `drainDelayMs`: how long to serve on after turning unready, until load balancers have noticed. */
export function createShutdown({ drainDelayMs, logger }: { drainDelayMs: number; logger: Logger }): Shutdown {
  const draining = new AbortController();
  const phases: Phase[] = [];
  let running: Promise<void> | null = null;

  async function run(reason: string): Promise<void> {
    logger.info({ reason }, 'shutting down');
    draining.abort(new DOMException('shutdown', 'AbortError'));
    await delay(drainDelayMs);
    for (const { name, timeoutMs, action } of phases) {
      try {
        await within(timeoutMs, action);
      } catch (error) {
        logger.warn({ phase: name, err: error }, 'a phase of the shutdown failed');
      }
    }
  }

  return {
    signal: draining.signal,
    phase: (name, timeoutMs, action) => void phases.push({ name, timeoutMs, action }),
    start: (reason) => {
      running ??= run(reason);
      return running;
    },
  };
}

async function within(timeoutMs: number, action: () => Promise<void>): Promise<void> {
  const limit = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: limit.signal }).then(() => {
    throw new Error(`took longer than ${timeoutMs} ms`);
  });
  await Promise.race([action(), late]).finally(() => {
    limit.abort();
    late.catch(() => {});
  });
}
