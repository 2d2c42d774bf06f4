import { type Clock, withTimeLimit } from '@tickwork/runtime/process/clock';
import type { ReconcilerTasks, TaskQueue, TaskRecords } from '@tickwork/task/ports';
import type { SyncAnswer, TaskRecord } from '@tickwork/task/task';
import { type Action, decideAnswer } from './decide.ts';
import type { PassName, ReconcilerEmitter } from './events.ts';
import { inBatches, syncHalving } from './sync.ts';

export interface ApplyDependencies {
  readonly tasks: ReconcilerTasks;
  readonly records: TaskRecords;
  readonly queue: TaskQueue;
  readonly events: ReconcilerEmitter;
  readonly clock: Clock;
  /** True when Supabase refused what was sent, not the caller: then one item of the batch is at fault. */
  readonly isContentFault: (error: unknown) => boolean;
  readonly settings: ApplySettings;
}

interface ApplySettings {
  /** How long repair holds a record that it puts back: one claim's time, so that a worker that runs goes on. */
  readonly claimMs: number;
  readonly publishTimeoutMs: number;
  /** A publish that failed is due again after this. */
  readonly publishRetryMs: number;
}

type Act<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

/** Carries out actions; each answer of a sync becomes an action of its own. */
export function createApply(dependencies: ApplyDependencies) {
  const { tasks, records, queue, events, clock, isContentFault, settings } = dependencies;

  async function publish({ record, row }: Act<'dispatch'>): Promise<string> {
    const released = await records.release(record);
    if (released !== 'publish') return released;
    try {
      const envelope = { ...row, traceparent: record.traceparent };
      await withTimeLimit(clock, settings.publishTimeoutMs, (limit) => queue.publish(envelope, limit));
      return 'published';
    } catch {
      await records.scheduleDispatch(record, settings.publishRetryMs);
      return 'publish_failed';
    }
  }

  async function seed({ row }: Act<'seed'>): Promise<string> {
    const seeded = await records.seed({ ...row, traceparent: null, held: true, waitMs: settings.claimMs });
    return seeded ? 'seeded' : 'has_record';
  }

  async function act(action: Action): Promise<string> {
    switch (action.kind) {
      case 'confirm':
        await records.confirm(action.sent);
        return 'confirmed';
      case 'settle':
        await records.settle(action.key);
        return action.reason;
      case 'rebase':
        await records.rebase(action.sent, action.rowUpdatedAt);
        return 'rebased';
      case 'fail':
        await records.fail(action.sent, action.error);
        return 'failed';
      case 'reopen':
        await records.reopen(action.key, action.rowUpdatedAt);
        return 'reopened';
      case 'dispatch':
        return publish(action);
      case 'seed':
        return seed(action);
      case 'none':
        return action.reason;
      default:
        return action satisfies never;
    }
  }

  /**
   * Together, so that their round trips overlap; all are tried before the first failure is thrown. Returns how many of them
   * did something.
   */
  async function applyAll(pass: PassName, actions: readonly Action[]): Promise<number> {
    const tried = await Promise.allSettled(
      actions.map(async (action) => {
        const outcome = await act(action);
        events.emit('acted', { pass, action, outcome });
      }),
    );
    const failed = tried.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return actions.filter(({ kind }) => kind !== 'none').length;
  }

  async function sync(pass: PassName, ahead: readonly TaskRecord[], signal: AbortSignal): Promise<number> {
    let acted = 0;
    for (const batch of inBatches(ahead)) {
      const answers = await syncHalving(batch, tasks.syncBatch.bind(tasks), isContentFault, signal);
      acted += await applyAll(pass, decideAnswers(batch, answers));
    }
    return acted;
  }

  function decideAnswers(batch: readonly TaskRecord[], answers: readonly SyncAnswer[]): Action[] {
    const sent = new Map(batch.map((record) => [record.correlationId, record]));
    const now = clock.wallTime() / 1000;
    return answers.flatMap((answer) => {
      const record = sent.get(answer.correlationId);
      if (!record) return [];
      if (answer.outcome === 'applied') events.emit('synced', { lagSeconds: now - record.updatedAt / 1e6 });
      return [decideAnswer(record, answer)];
    });
  }

  return { applyAll, sync };
}

export type Apply = ReturnType<typeof createApply>;
