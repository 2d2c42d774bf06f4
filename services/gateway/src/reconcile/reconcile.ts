import type { Clock } from '@tickwork/runtime/process/clock';
import { withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { DispatchableRow, ReconcilerTasks, TaskQueue } from '@tickwork/task/ports';
import type { SyncAnswer, TaskRecord } from '@tickwork/task/task';
import type { Apply } from './apply.ts';
import { decide, type Limits, type Observation } from './decide.ts';
import type { PassName, ReconcilerEmitter } from './events.ts';
import type { Question } from './plan.ts';
import { inBatches, syncHalving } from './sync.ts';

export interface ReconcileDependencies {
  readonly tasks: ReconcilerTasks;
  readonly queue: TaskQueue;
  readonly apply: Apply;
  readonly events: ReconcilerEmitter;
  readonly clock: Pick<Clock, 'wallTime'>;
  /** True when Supabase refused what was sent, not the caller: then one item of the batch is at fault. */
  readonly isContentFault: (error: unknown) => boolean;
  readonly limits: Limits;
}

/** Answers how many actions were more than `none`. */
export type Reconcile = (
  pass: PassName,
  observations: readonly Observation[],
  signal: AbortSignal,
) => Promise<number>;

const mostRowsAsked = 500;

/** Decides about what was seen, carries that out, and asks what was left open: what Supabase answers is seen in its turn. */
export function createReconcile(dependencies: ReconcileDependencies): Reconcile {
  const { tasks, queue, apply, events, clock, isContentFault, limits } = dependencies;

  const reconcile: Reconcile = async (pass, observations, signal) => {
    if (observations.length === 0) return 0;
    const plan = decide(observations, Math.round(clock.wallTime() * 1000), limits);
    events.emit('planned', { pass, plan });
    let acted = await apply(pass, plan.actions);
    for await (const answers of ask(plan.questions, signal)) acted += await reconcile(pass, answers, signal);
    return acted;
  };

  /** Syncs come first: they are what a user waits for. */
  async function* ask(questions: readonly Question[], signal: AbortSignal): AsyncGenerator<Observation[]> {
    const of = (kind: Question['kind']) =>
      questions.flatMap((question) => (question.kind === kind ? [question.record] : []));
    for (const batch of inBatches(of('sync'))) {
      const links = batch.map(({ traceparent }) => traceparent);
      const attributes = { 'tickwork.sync.batch_size': batch.length };
      const answers = await withSpan('sync tasks', { attributes, links, root: true }, () =>
        syncHalving(batch, tasks.syncBatch.bind(tasks), isContentFault, signal),
      );
      const observations = answered(batch, answers);
      for (const { sent, answer } of observations) {
        events.emit('synced', { status: sent.status, outcome: answer.outcome });
      }
      yield observations;
    }
    const queueReady = queue.isReady();
    yield* readRows(of('read_due'), signal, (rest) => ({ kind: 'due', ...rest, queueReady }));
    yield* readRows(of('read_quiet'), signal, (rest) => ({ kind: 'quiet', ...rest }));
    yield* readRows(of('read_other_life'), signal, (rest) => ({ kind: 'other_life', ...rest }));
  }

  async function* readRows(
    records: readonly TaskRecord[],
    signal: AbortSignal,
    observe: (pair: { record: TaskRecord; row: DispatchableRow | null }) => Observation,
  ): AsyncGenerator<Observation[]> {
    for (let start = 0; start < records.length; start += mostRowsAsked) {
      const page = records.slice(start, start + mostRowsAsked);
      const rows = await tasks.readRows(page, signal);
      yield page.map((record) => observe({ record, row: rows.get(record.correlationId) ?? null }));
    }
  }

  return reconcile;
}

function answered(
  batch: readonly TaskRecord[],
  answers: readonly SyncAnswer[],
): Extract<Observation, { kind: 'answered' }>[] {
  const sent = new Map(batch.map((record) => [record.correlationId, record]));
  return answers.flatMap((answer) => {
    const record = sent.get(answer.correlationId);
    return record ? [{ kind: 'answered' as const, sent: record, answer }] : [];
  });
}
