import type { Clock } from '@tickwork/runtime/process/clock';
import type {
  ActiveRow,
  DispatchableRow,
  Found,
  ReconcilerTasks,
  TaskQueue,
  TaskRecords,
} from '@tickwork/task/ports';
import type { TaskRecord } from '@tickwork/task/task';
import type { Apply } from './apply.ts';
import {
  type Action,
  decideActive,
  decideDue,
  decideFound,
  decideOtherLife,
  decideQuiet,
  isQuestion,
  type Question,
} from './decide.ts';
import type { PassName, ReconcilerEmitter } from './events.ts';
import type { PassOutcome } from './loop.ts';

export interface PassDependencies {
  readonly tasks: ReconcilerTasks;
  readonly records: TaskRecords;
  readonly queue: TaskQueue;
  readonly apply: Apply;
  readonly events: ReconcilerEmitter;
  readonly clock: Pick<Clock, 'now'>;
  readonly limits: {
    readonly hintsPerPass: number;
    readonly rowsPerPage: number;
    readonly repairMinAgeMs: number;
    readonly quietAgeMs: number;
  };
}

/** The passes: observe, decide, apply. None remembers anything of an earlier one. */
export function createPasses({ tasks, records, queue, apply, events, clock, limits }: PassDependencies) {
  const correlationIds = (list: readonly { readonly correlationId: string }[]) =>
    list.map(({ correlationId }) => correlationId);

  /** Answers what was asked: how many actions were carried out. */
  async function readRows(pass: PassName, list: readonly TaskRecord[], signal: AbortSignal, decide: Decide) {
    if (list.length === 0) return 0;
    const rows = await tasks.readRows(list, signal);
    const actions = list.map((record) => decide(record, rows.get(record.correlationId) ?? null));
    return apply.applyAll(pass, actions);
  }

  function withoutForeign(pass: PassName, found: readonly Found[]): Found[] {
    return found.filter(({ correlationId, finding }) => {
      if (finding === 'foreign') events.emit('foreign_key', { pass, correlationId });
      return finding !== 'foreign';
    });
  }

  /** What the scan or a hint named: sync what is ahead, then see to what is due, or quiet. */
  async function treat(pass: PassName, found: readonly Found[], signal: AbortSignal): Promise<number> {
    const ours = withoutForeign(pass, found);
    if (ours.length === 0) return 0;
    const read = await records.read(correlationIds(ours));
    const questions = ours
      .map(({ finding }, index) => decideFound(read[index] ?? null, finding))
      .filter(isQuestion);
    const synced = await apply.sync(pass, asked(questions, 'sync'), signal);
    const dispatched = await readRows(pass, asked(questions, 'read_row'), signal, (record, row) =>
      decideDue(record, row, { queueReady: queue.isReady() }),
    );
    const checked = await readRows(pass, asked(questions, 'check_row'), signal, decideQuiet);
    return synced + dispatched + checked;
  }

  async function hints(signal: AbortSignal): Promise<Looked> {
    const found = await records.hinted(limits.hintsPerPass);
    return { looked: found.length, acted: await treat('hints', found, signal) };
  }

  /** Walks the whole keyspace. Where `quietAgeMs` is given, it takes along what has been quiet for so long. */
  async function walk(pass: PassName, signal: AbortSignal, quietAgeMs?: number): Promise<Looked> {
    let cursor = '0';
    let looked = 0;
    let acted = 0;
    do {
      signal.throwIfAborted();
      const step = await records.scanStep(cursor, quietAgeMs);
      acted += await treat(pass, step.found, signal);
      cursor = step.cursor;
      looked += step.found.length;
    } while (cursor !== '0');
    return { looked, acted };
  }

  async function repairPage(rows: readonly ActiveRow[], signal: AbortSignal): Promise<number> {
    const read = await records.read(correlationIds(rows));
    const decided = rows.map((row, index) => decideActive(row, read[index] ?? null));
    const actions = decided.filter((item): item is Action => !isQuestion(item));
    const acted = await apply.applyAll('repair', actions);
    const otherLives = asked(decided.filter(isQuestion), 'read_row');
    return acted + (await readRows('repair', otherLives, signal, decideOtherLife));
  }

  async function repair(signal: AbortSignal): Promise<Looked> {
    let after = '';
    let looked = 0;
    let acted = 0;
    for (;;) {
      signal.throwIfAborted();
      const rows = await tasks.activeRows(after, limits.repairMinAgeMs, limits.rowsPerPage, signal);
      acted += await repairPage(rows, signal);
      looked += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < limits.rowsPerPage) return { looked, acted };
      after = last.correlationId;
    }
  }

  /** Tells of the pass. A full page of hints means that more wait, unless nothing could be done about this one. */
  function told(
    pass: PassName,
    run: (signal: AbortSignal) => Promise<Looked>,
    full = Number.POSITIVE_INFINITY,
  ) {
    return async (signal: AbortSignal): Promise<PassOutcome> => {
      const started = clock.now();
      const { looked, acted } = await run(signal);
      events.emit('pass_ended', { pass, durationMs: clock.now() - started, looked, acted });
      return looked >= full && acted > 0 ? 'again' : 'done';
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

type Decide = (record: TaskRecord, row: DispatchableRow | null) => Action;

function asked(questions: readonly Question[], kind: Question['kind']): TaskRecord[] {
  return questions.flatMap((question) => (question.kind === kind ? [question.record] : []));
}
