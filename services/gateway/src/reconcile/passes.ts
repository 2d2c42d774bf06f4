import type { Clock } from '@tickwork/runtime/process/clock';
import type { Found, ReconcilerTasks, TaskRecords } from '@tickwork/task/ports';
import type { Observation } from './decide.ts';
import type { PassName, ReconcilerEmitter } from './events.ts';
import { againAfter, done, type PassEnd } from './loop.ts';
import type { Reconcile } from './reconcile.ts';

export interface PassDependencies {
  readonly tasks: Pick<ReconcilerTasks, 'activeRows'>;
  readonly records: Pick<TaskRecords, 'read' | 'scanStep' | 'hinted'>;
  readonly reconcile: Reconcile;
  readonly events: ReconcilerEmitter;
  readonly clock: Pick<Clock, 'now'>;
  readonly limits: {
    readonly hintsPerPass: number;
    readonly rowsPerPage: number;
    readonly repairMinAgeMs: number;
    readonly quietAgeMs: number;
  };
}

/** The passes: each observes step by step, and has what it saw decided and carried out. None remembers anything of an earlier one. */
export function createPasses({ tasks, records, reconcile, events, clock, limits }: PassDependencies) {
  const correlationIds = (list: readonly { readonly correlationId: string }[]) =>
    list.map(({ correlationId }) => correlationId);

  async function treat(pass: PassName, found: readonly Found[], signal: AbortSignal): Promise<Looked> {
    const read = await records.read(correlationIds(found));
    const observations = found.map(
      (item, index): Observation => ({ kind: 'found', ...item, record: read[index] ?? null }),
    );
    return { looked: found.length, acted: await reconcile(pass, observations, signal) };
  }

  async function hints(signal: AbortSignal): Promise<Looked> {
    return treat('hints', await records.hinted(limits.hintsPerPass), signal);
  }

  /** Walks the whole keyspace. Where `quietAgeMs` is given, it takes along what has been quiet for so long. */
  async function walk(pass: PassName, signal: AbortSignal, quietAgeMs?: number): Promise<Looked> {
    let cursor = '0';
    let looked = 0;
    let acted = 0;
    do {
      signal.throwIfAborted();
      const step = await records.scanStep(cursor, quietAgeMs);
      const treated = await treat(pass, step.found, signal);
      cursor = step.cursor;
      looked += treated.looked;
      acted += treated.acted;
    } while (cursor !== '0');
    return { looked, acted };
  }

  async function repair(signal: AbortSignal): Promise<Looked> {
    let after = '';
    let looked = 0;
    let acted = 0;
    for (;;) {
      signal.throwIfAborted();
      const rows = await tasks.activeRows(after, limits.repairMinAgeMs, limits.rowsPerPage, signal);
      const read = await records.read(correlationIds(rows));
      const observations = rows.map(
        (row, index): Observation => ({ kind: 'active', row, record: read[index] ?? null }),
      );
      acted += await reconcile('repair', observations, signal);
      looked += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < limits.rowsPerPage) return { looked, acted };
      after = last.correlationId;
    }
  }

  /** Tells of the pass. A full page means that more waits, unless nothing could be done about this one. */
  function told(
    pass: PassName,
    run: (signal: AbortSignal) => Promise<Looked>,
    full = Number.POSITIVE_INFINITY,
  ) {
    return async (signal: AbortSignal): Promise<PassEnd> => {
      const started = clock.now();
      const { looked, acted } = await run(signal);
      events.emit('pass_ended', { pass, durationMs: clock.now() - started, looked, acted });
      return looked >= full && acted > 0 ? againAfter(0) : done;
    };
  }

  return {
    hints: told('hints', hints, limits.hintsPerPass),
    scan: told('scan', (signal) => walk('scan', signal)),
    quiet: told('quiet', (signal) => walk('quiet', signal, limits.quietAgeMs)),
    repair: told('repair', repair),
  };
}

interface Looked {
  readonly looked: number;
  readonly acted: number;
}
