import { type Clock, withTimeLimit } from '@tickwork/runtime/process/clock';
import { currentTraceparent, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { TaskQueue, TaskRecords } from '@tickwork/task/ports';
import type { PassName, ReconcilerEmitter } from './events.ts';
import type { Action, ActionOutcome } from './plan.ts';

export interface ApplyDependencies {
  readonly records: TaskRecords;
  readonly queue: TaskQueue;
  readonly events: ReconcilerEmitter;
  readonly clock: Clock;
  readonly settings: ApplySettings;
}

interface ApplySettings {
  /** How long repair holds a record that it puts back: one claim's time, so that a worker that runs goes on. */
  readonly claimMs: number;
  readonly publishTimeoutMs: number;
  /** A publish that failed is due again after this. */
  readonly publishRetryMs: number;
}

export type Apply = (pass: PassName, actions: readonly Action[]) => Promise<number>;

type Act<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

/**
 * Carries out actions: together, so that their round trips overlap; all are tried before the first failure is thrown. Answers how
 * many of them were more than `none`.
 */
export function createApply({ records, queue, events, clock, settings }: ApplyDependencies): Apply {
  /** In the trace of its submit, which the record carries. */
  async function dispatch(action: Act<'dispatch'>): Promise<ActionOutcome> {
    const { record, reason } = action;
    const attributes = {
      'tickwork.task.correlation_id': record.correlationId,
      'tickwork.dispatch.reason': reason,
    };
    return withSpan('dispatch task', { attributes, parent: record.traceparent }, () => publish(action));
  }

  async function publish({ record, row }: Act<'dispatch'>): Promise<ActionOutcome> {
    const released = await records.release(record);
    if (released !== 'publish') return released === 'ended' ? 'gave_up' : 'not_due';
    try {
      const envelope = { ...row, traceparent: currentTraceparent() ?? record.traceparent };
      await withTimeLimit(clock, settings.publishTimeoutMs, (limit) => queue.publish(envelope, limit));
      return 'published';
    } catch {
      await records.scheduleDispatch(record, settings.publishRetryMs);
      return 'publish_failed';
    }
  }

  async function seed({ row }: Act<'seed'>): Promise<ActionOutcome> {
    const seeded = await records.seed({ ...row, traceparent: null, held: true, waitMs: settings.claimMs });
    return seeded ? 'done' : 'has_record';
  }

  async function act(action: Action): Promise<ActionOutcome> {
    switch (action.kind) {
      case 'confirm':
        await records.confirm(action.sent);
        return 'done';
      case 'settle':
        await records.settle(action.key);
        return 'done';
      case 'rebase':
        await records.rebase(action.sent, action.rowUpdatedAt);
        return 'done';
      case 'fail':
        await records.fail(action.sent, action.error);
        return 'done';
      case 'reopen':
        await records.reopen(action.key, action.rowUpdatedAt);
        return 'done';
      case 'dispatch':
        return dispatch(action);
      case 'seed':
        return seed(action);
      case 'none':
        return 'done';
      default:
        return action satisfies never;
    }
  }

  return async (pass, actions) => {
    const tried = await Promise.allSettled(
      actions.map(async (action) => {
        const outcome = await act(action);
        events.emit('acted', { pass, action, outcome });
      }),
    );
    const failed = tried.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return actions.filter(({ kind }) => kind !== 'none').length;
  };
}
