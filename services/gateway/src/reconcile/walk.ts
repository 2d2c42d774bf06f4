import type { Clock } from '@tickwork/runtime/process/clock';
import type { ScanStep, TaskRecords } from '@tickwork/task/ports';

export interface WalkLimits {
  /** How much of Redis' time one walk takes, from 0 to 1. */
  readonly share: number;
  readonly longestPauseMs: number;
  /** How often a walk may begin anew before it gives up. */
  readonly mostRestarts: number;
}

export interface WalkOptions {
  readonly records: Pick<TaskRecords, 'scanStep'>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly limits: WalkLimits;
  readonly signal: AbortSignal;
  readonly quietAgeMs?: number | undefined;
}

const rememberedSteps = 8;

/**
 * The steps of one walk over the whole keyspace. Between steps it pauses, by how long Redis took. After a failover it
 * begins anew; throws when that happens too often, or when `signal` aborts.
 */
export async function* walk(options: WalkOptions): AsyncGenerator<ScanStep> {
  const { records, clock, limits, signal, quietAgeMs } = options;
  let cursor = '0';
  let restarts = 0;
  let took: readonly number[] = [];
  for (;;) {
    signal.throwIfAborted();
    const asked = clock.now();
    const step = await records.scanStep(cursor, quietAgeMs);
    took = [...took, clock.now() - asked].slice(-rememberedSteps);
    if (step.begunAnew && ++restarts > limits.mostRestarts) {
      throw new Error('the connection to Redis was lost again and again during a scan');
    }
    yield step;
    cursor = step.cursor;
    if (cursor === '0') return;
    await clock.sleep(pauseAfter(took, limits), signal);
  }
}

/**
 * The pause after steps that took so long, in milliseconds, the last one last. One slow step counts at once and for a while: a
 * Redis that is slow is left alone for longer.
 */
export function pauseAfter(
  tookMs: readonly number[],
  { share, longestPauseMs }: Pick<WalkLimits, 'share' | 'longestPauseMs'>,
): number {
  const mean = tookMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, tookMs.length);
  const step = Math.max(mean, tookMs.at(-1) ?? 0);
  return Math.min(longestPauseMs, step * (1 / share - 1));
}
