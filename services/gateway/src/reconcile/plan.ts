import type { ActiveRow, DispatchableRow } from '@tickwork/task/ports';
import type { Stamp } from '@tickwork/task/stamp';
import type { TaskKey, TaskRecord, TaskUpdate } from '@tickwork/task/task';

/**
 * What a pass does about one task, and why. Every action is harmless late or twice: the scripts and the compare-and-set judge
 * again. Kinds and reasons are closed sets: they are labels of a metric.
 */
export type Action =
  /** `clock_wrong`: a stamp is more than a day ahead. Nothing is lost by it, but somebody has to set that clock. */
  | {
      readonly kind: 'confirm';
      readonly reason: 'applied' | 'clock_wrong';
      readonly sent: TaskUpdate;
      /** From the worker's stamp to now; clocks of two hosts, so it can be off, and below 0, by their skew. */
      readonly lagSeconds: number;
    }
  | { readonly kind: 'settle'; readonly reason: 'row_final' | 'row_missing'; readonly key: TaskKey }
  | {
      readonly kind: 'rebase';
      readonly reason: 'row_newer' | 'clock_wrong';
      readonly sent: TaskUpdate;
      readonly rowUpdatedAt: Stamp;
    }
  | {
      readonly kind: 'fail';
      readonly reason: 'not_storable';
      readonly sent: TaskUpdate;
      readonly error: string;
    }
  | {
      readonly kind: 'reopen';
      readonly reason: 'row_behind' | 'row_not_final';
      readonly key: TaskKey;
      readonly rowUpdatedAt: Stamp;
    }
  | {
      readonly kind: 'dispatch';
      readonly reason: 'not_claimed' | 'claim_ran_out' | 'put_back';
      readonly record: TaskRecord;
      readonly row: DispatchableRow;
    }
  | { readonly kind: 'seed'; readonly reason: 'no_record' | 'other_life'; readonly row: ActiveRow }
  | {
      readonly kind: 'none';
      readonly reason: 'in_order' | 'gone' | 'foreign' | 'no_queue';
      readonly correlationId: string;
    };

/**
 * What became of an action. `gave_up`: the last attempt was over, so it ended in error; `not_due` and `has_record`: somebody else
 * was faster.
 */
export type ActionOutcome = 'done' | 'published' | 'publish_failed' | 'gave_up' | 'not_due' | 'has_record';

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
