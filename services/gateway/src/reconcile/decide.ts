import type { ActiveRow, DispatchableRow, Finding } from '@tickwork/task/ports';
import type { Stamp } from '@tickwork/task/stamp';
import { isFinal } from '@tickwork/task/status';
import {
  isAhead,
  type SyncAnswer,
  type TaskKey,
  type TaskRecord,
  type TaskUpdate,
} from '@tickwork/task/task';

/** What a pass does about one task. Every action is harmless late or twice: the scripts and the compare-and-set judge again. */
export type Action =
  | { readonly kind: 'confirm'; readonly sent: TaskUpdate }
  | { readonly kind: 'settle'; readonly key: TaskKey; readonly reason: SettleReason }
  | { readonly kind: 'rebase'; readonly sent: TaskUpdate; readonly rowUpdatedAt: Stamp }
  | { readonly kind: 'fail'; readonly sent: TaskUpdate; readonly error: string }
  | { readonly kind: 'reopen'; readonly key: TaskKey; readonly rowUpdatedAt: Stamp }
  | { readonly kind: 'dispatch'; readonly record: TaskRecord; readonly row: DispatchableRow }
  | { readonly kind: 'seed'; readonly row: ActiveRow }
  | { readonly kind: 'none'; readonly reason: 'in_order' | 'gone' | 'no_queue' };

/** What must be asked of Supabase before anything can be decided: `read_row` to act by its row, `check_row` to see that it goes on. */
export interface Question {
  readonly kind: 'sync' | 'read_row' | 'check_row';
  readonly record: TaskRecord;
}

export function isQuestion(decided: Action | Question): decided is Question {
  return decided.kind === 'sync' || decided.kind === 'read_row' || decided.kind === 'check_row';
}

type SettleReason = 'row_final' | 'row_missing';

const nothing = (reason: Extract<Action, { kind: 'none' }>['reason']): Action => ({ kind: 'none', reason });
const settle = (key: TaskKey, reason: SettleReason): Action => ({ kind: 'settle', key, reason });

export const unstorable = 'the result could not be stored';

/** A record that the scan or a hint named, as it was read just now. */
export function decideFound(record: TaskRecord | null, finding: Finding): Action | Question {
  if (record === null) return nothing('gone');
  if (isAhead(record)) return { kind: 'sync', record };
  if (isFinal(record.status)) return nothing('in_order');
  if (finding === 'due') return { kind: 'read_row', record };
  return finding === 'quiet' ? { kind: 'check_row', record } : nothing('in_order');
}

/** What Supabase made of an update, as the protocol's table has it. */
export function decideAnswer(sent: TaskUpdate, answer: SyncAnswer): Action {
  switch (answer.outcome) {
    case 'applied':
      return { kind: 'confirm', sent };
    case 'missing':
      return settle(sent, 'row_missing');
    case 'invalid':
      return { kind: 'fail', sent, error: unstorable };
    case 'stale':
      if (answer.status !== null && isFinal(answer.status)) return settle(sent, 'row_final');
      return answer.updatedAt === null
        ? nothing('gone')
        : { kind: 'rebase', sent, rowUpdatedAt: answer.updatedAt };
    default:
      return answer.outcome satisfies never;
  }
}

/** A record that a worker has, and its row as it was read after it: its owner may have ended or deleted it in Supabase itself. */
export function decideQuiet(record: TaskRecord, row: DispatchableRow | null): Action {
  if (row === null) return settle(record, 'row_missing');
  if (isFinal(row.status)) return settle(record, 'row_final');
  if (record.updatedAt > row.updatedAt) return { kind: 'reopen', key: record, rowUpdatedAt: row.updatedAt };
  return nothing('in_order');
}

/** A due record, and its row as it was read after it: nobody has the task, unless the row says that it is over. */
export function decideDue(
  record: TaskRecord,
  row: DispatchableRow | null,
  limits: { readonly queueReady: boolean },
): Action {
  const checked = decideQuiet(record, row);
  if (row === null || checked.kind !== 'none') return checked;
  return limits.queueReady ? { kind: 'dispatch', record, row } : nothing('no_queue');
}

/** An old row that is not final, and the record of its correlation_id. The row was read first, so it may be the older life. */
export function decideActive(row: ActiveRow, record: TaskRecord | null): Action | Question {
  if (record === null) return { kind: 'seed', row };
  if (record.id !== row.id) {
    const settled = isFinal(record.status) && !isAhead(record);
    return settled ? { kind: 'seed', row } : { kind: 'read_row', record };
  }
  if (isAhead(record)) return nothing('in_order');
  if (record.updatedAt > row.updatedAt || isFinal(record.status)) {
    return { kind: 'reopen', key: row, rowUpdatedAt: row.updatedAt };
  }
  return nothing('in_order');
}

/** A record that names another row than the one the walk saw; its own row was read after it. */
export function decideOtherLife(record: TaskRecord, row: DispatchableRow | null): Action {
  return row === null ? settle(record, 'row_missing') : nothing('in_order');
}
