import type { ActiveRow, DispatchableRow } from '@tickwork/task/ports';
import type { Stamp } from '@tickwork/task/stamp';
import type { TaskKey, TaskRecord, TaskUpdate } from '@tickwork/task/task';

/** Each kind of action, with the reasons that it can have. */
export const actionReasons = {
  confirm: ['applied', 'clock_wrong'],
  settle: ['row_final', 'row_missing'],
  rebase: ['row_newer', 'clock_wrong'],
  fail: ['not_storable'],
  reopen: ['row_behind', 'row_not_final'],
  dispatch: ['not_claimed', 'claim_ran_out', 'put_back'],
  seed: ['no_record', 'other_life'],
  none: ['in_order', 'gone', 'foreign', 'no_queue'],
} as const;
type Reason<Kind extends keyof typeof actionReasons> = (typeof actionReasons)[Kind][number];

/**
 * What a pass does about one task, and why. Every action is harmless late or twice: the scripts and the compare-and-set judge
 * again. Kinds and reasons are closed sets: they are labels of a metric.
 */
export type Action =
  /** `clock_wrong`: a stamp is more than a day ahead. Nothing is lost by it, but somebody has to set that clock. */
  | {
      readonly kind: 'confirm';
      readonly reason: Reason<'confirm'>;
      readonly sent: TaskUpdate;
      /** From the worker's stamp to now; clocks of two hosts, so it can be off, and below 0, by their skew. */
      readonly lagSeconds: number;
    }
  | { readonly kind: 'settle'; readonly reason: Reason<'settle'>; readonly key: TaskKey }
  | {
      readonly kind: 'rebase';
      readonly reason: Reason<'rebase'>;
      readonly sent: TaskUpdate;
      readonly rowUpdatedAt: Stamp;
    }
  | {
      readonly kind: 'fail';
      readonly reason: Reason<'fail'>;
      readonly sent: TaskUpdate;
      readonly error: string;
    }
  | {
      readonly kind: 'reopen';
      readonly reason: Reason<'reopen'>;
      readonly key: TaskKey;
      readonly rowUpdatedAt: Stamp;
    }
  | {
      readonly kind: 'dispatch';
      readonly reason: Reason<'dispatch'>;
      readonly record: TaskRecord;
      readonly row: DispatchableRow;
    }
  | { readonly kind: 'seed'; readonly reason: Reason<'seed'>; readonly row: ActiveRow }
  | {
      readonly kind: 'none';
      readonly reason: Reason<'none'>;
      readonly correlationId: string;
    };

/**
 * What became of an action. `gave_up`: the last attempt was over, so it ended in error; `not_due` and `has_record`: somebody else
 * was faster.
 */
export const actionOutcomes = [
  'done',
  'published',
  'publish_failed',
  'gave_up',
  'not_due',
  'has_record',
] as const;
export type ActionOutcome = (typeof actionOutcomes)[number];

/** What must be asked of Supabase before anything can be decided: `sync`, or the row as it is after the record was read. */
export interface Question {
  readonly kind: 'sync' | 'read_due' | 'read_quiet' | 'read_other_life';
  readonly record: TaskRecord;
}

export interface Plan {
  readonly actions: readonly Action[];
  readonly questions: readonly Question[];
}

type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** How many of each kind and reason, questions under `ask`: small enough for a line of the log, and without ids. */
export function countPlan({ actions, questions }: Plan): Counts {
  const counts: Record<string, Record<string, number>> = {};
  const count = (kind: string, reason: string) => {
    const reasons = counts[kind] ?? {};
    counts[kind] = { ...reasons, [reason]: (reasons[reason] ?? 0) + 1 };
  };
  for (const { kind, reason } of actions) count(kind, reason);
  for (const { kind } of questions) count('ask', kind);
  return counts;
}

/** Whose task an action is about. */
export function correlationIdOf(action: Action): string {
  switch (action.kind) {
    case 'confirm':
    case 'rebase':
    case 'fail':
      return action.sent.correlationId;
    case 'settle':
    case 'reopen':
      return action.key.correlationId;
    case 'dispatch':
    case 'seed':
      return action.row.correlationId;
    case 'none':
      return action.correlationId;
    default:
      return action satisfies never;
  }
}
