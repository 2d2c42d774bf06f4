import type { Clock } from '@tickwork/runtime/process/clock';
import type { Found, ReconcilerTasks, TaskRecords } from '@tickwork/task/ports';
import { countActive, noActiveTasks } from './active-tasks.ts';
import { CircuitOpenError } from './circuit.ts';
import type { Observation } from './decide.ts';
import type { PassName, ReconcilerEmitter, WalkName } from './events.ts';
import { countForeign, noForeignKeys } from './foreign-keys.ts';
import { againAfter, done, type PassEnd } from './loop.ts';
import type { Reconcile } from './reconcile.ts';
import { type WalkLimits, walk } from './walk.ts';

export interface PassDependencies {
  readonly tasks: Pick<ReconcilerTasks, 'activeRows'>;
  readonly records: Pick<TaskRecords, 'read' | 'scanStep' | 'hinted'>;
  readonly reconcile: Reconcile;
  readonly events: ReconcilerEmitter;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly limits: {
    readonly hintsPerPass: number;
    readonly rowsPerPage: number;
    readonly repairMinAgeMs: number;
    readonly quietAgeMs: number;
    readonly scan: WalkLimits;
  };
}

/** The passes: each observes step by step, and has what it saw decided and carried out. None remembers anything of an earlier one. */
export function createPasses({ tasks, records, reconcile, events, clock, limits }: PassDependencies) {
  const correlationIds = (list: readonly { readonly correlationId: string }[]) =>
    list.map(({ correlationId }) => correlationId);

  async function treat(
    pass: WalkName | 'hints',
    found: readonly Found[],
    signal: AbortSignal,
  ): Promise<Looked> {
    events.emit('found', { pass, found });
    const read = await records.read(correlationIds(found));
    const observations = found.map(
      (item, index): Observation => ({ kind: 'found', ...item, record: read[index] ?? null }),
    );
    return { looked: found.length, acted: await reconcile(pass, observations, signal) };
  }

  async function hints(signal: AbortSignal): Promise<Looked> {
    return treat('hints', await records.hinted(limits.hintsPerPass), signal);
  }

  /** The whole keyspace. Where `quietAgeMs` is given, it takes along what has been quiet for so long. */
  async function scan(pass: WalkName, signal: AbortSignal, quietAgeMs?: number): Promise<Looked> {
    let total = nothing;
    let foreign = noForeignKeys;
    let keys = 0;
    for await (const { found, ...step } of walk({
      records,
      clock,
      limits: limits.scan,
      signal,
      quietAgeMs,
    })) {
      keys += step.keys;
      foreign = countForeign(foreign, found);
      total = sum(total, await treat(pass, found, signal));
    }
    events.emit('walked', { pass, keys });
    if (foreign.count > 0) events.emit('foreign_keys', { pass, ...foreign });
    return total;
  }

  /** Supabase's rows that are not final, page by page: no more than one is held. */
  async function repair(signal: AbortSignal): Promise<Looked> {
    let total = nothing;
    let active = noActiveTasks;
    let after = '';
    for (;;) {
      signal.throwIfAborted();
      const rows = await tasks.activeRows(after, limits.repairMinAgeMs, limits.rowsPerPage, signal);
      active = countActive(active, rows);
      const read = await records.read(correlationIds(rows));
      const observations = rows.map(
        (row, index): Observation => ({ kind: 'active', row, record: read[index] ?? null }),
      );
      const acted = await reconcile('repair', observations, signal);
      total = sum(total, { looked: rows.length, acted });
      const last = rows.at(-1);
      if (!last || rows.length < limits.rowsPerPage) break;
      after = last.correlationId;
    }
    events.emit('active_counted', active);
    return total;
  }

  /**
   * Tells of the pass. A full page means that more waits, unless nothing could be done about this one. A pass that came to a stop as
   * Supabase is left alone has not failed: it is made again when Supabase may be asked.
   */
  function told(
    pass: PassName,
    run: (signal: AbortSignal) => Promise<Looked>,
    full = Number.POSITIVE_INFINITY,
  ) {
    return async (signal: AbortSignal): Promise<PassEnd> => {
      const started = clock.now();
      try {
        const { looked, acted } = await run(signal);
        events.emit('pass_ended', { pass, durationMs: clock.now() - started, looked, acted });
        return looked >= full && acted > 0 ? againAfter(0) : done;
      } catch (error) {
        if (error instanceof CircuitOpenError) return againAfter(error.retryInMs);
        throw error;
      }
    };
  }

  return {
    hints: told('hints', hints, limits.hintsPerPass),
    scan: told('scan', (signal) => scan('scan', signal)),
    quiet: told('quiet', (signal) => scan('quiet', signal, limits.quietAgeMs)),
    repair: told('repair', repair),
  };
}

interface Looked {
  readonly looked: number;
  readonly acted: number;
}

const nothing: Looked = { looked: 0, acted: 0 };
const sum = (one: Looked, other: Looked): Looked => ({
  looked: one.looked + other.looked,
  acted: one.acted + other.acted,
});
