import type { ActiveRow, DispatchableRow, Finding } from '@tickwork/task/ports';
import type { Stamp } from '@tickwork/task/stamp';
import { isFinal } from '@tickwork/task/status';
import { isAhead, type SyncAnswer, type TaskRecord } from '@tickwork/task/task';
import type { Action, Plan, Question } from './plan.ts';

/** What a pass saw of one task. A row was read after its record, but for `active`, where it was read before. */
export type Observation =
  /** The scan or a hint named it, and its record was read then. */
  | {
      readonly kind: 'found';
      readonly finding: Finding;
      readonly correlationId: string;
      readonly record: TaskRecord | null;
    }
  | { readonly kind: 'answered'; readonly sent: TaskRecord; readonly answer: SyncAnswer }
  | {
      readonly kind: 'due';
      readonly record: TaskRecord;
      readonly row: DispatchableRow | null;
      readonly queueReady: boolean;
    }
  | { readonly kind: 'quiet'; readonly record: TaskRecord; readonly row: DispatchableRow | null }
  /** An old row that is not final, and the record of its correlation_id. */
  | { readonly kind: 'active'; readonly row: ActiveRow; readonly record: TaskRecord | null }
  /** A record that names another row than the active one, and its own row. */
  | { readonly kind: 'other_life'; readonly record: TaskRecord; readonly row: DispatchableRow | null };

export interface Limits {
  /** A stamp further ahead of the clock than this comes from a clock that is wrong. */
  readonly farAheadMs: number;
}

/** As `sync_tasks` has it. */
export const protocolLimits: Limits = { farAheadMs: 86_400_000 };

/** A text that is safe to show. */
export const notStorable = 'the result could not be stored';

/** One action or question for each observation. Pure; `now` is in microseconds, by this host's clock, and only ever gives a reason. */
export function decide(observations: readonly Observation[], now: Stamp, limits: Limits): Plan {
  const actions: Action[] = [];
  const questions: Question[] = [];
  for (const observation of observations) {
    const decided = decideOne(observation, now, limits);
    if (isQuestion(decided)) questions.push(decided);
    else actions.push(decided);
  }
  return { actions, questions };
}

const isQuestion = (decided: Action | Question): decided is Question => !('reason' in decided);

function decideOne(observation: Observation, now: Stamp, limits: Limits): Action | Question {
  switch (observation.kind) {
    case 'found':
      return decideFound(observation);
    case 'answered':
      return decideAnswered(observation, now, limits);
    case 'due':
      return decideDue(observation);
    case 'quiet':
      return decideQuiet(observation.record, observation.row);
    case 'active':
      return decideActive(observation);
    case 'other_life':
      return observation.row === null
        ? { kind: 'settle', reason: 'row_missing', key: observation.record }
        : none('in_order', observation.record);
    default:
      return observation satisfies never;
  }
}

type Observed<Kind extends Observation['kind']> = Extract<Observation, { kind: Kind }>;
type NoneReason = Extract<Action, { kind: 'none' }>['reason'];

const none = (reason: NoneReason, { correlationId }: { readonly correlationId: string }): Action => ({
  kind: 'none',
  reason,
  correlationId,
});

function decideFound({ finding, correlationId, record }: Observed<'found'>): Action | Question {
  if (finding === 'foreign') return none('foreign', { correlationId });
  if (record === null) return none('gone', { correlationId });
  if (isAhead(record)) return { kind: 'sync', record };
  if (isFinal(record.status)) return none('in_order', record);
  switch (finding) {
    case 'ahead':
      return none('in_order', record);
    case 'due':
      return { kind: 'read_due', record };
    case 'quiet':
      return { kind: 'read_quiet', record };
    default:
      return finding satisfies never;
  }
}

/** The protocol's table of answers. */
function decideAnswered({ sent, answer }: Observed<'answered'>, now: Stamp, limits: Limits): Action {
  switch (answer.outcome) {
    case 'applied': {
      const reason = isFarAhead(sent.updatedAt, now, limits) ? 'clock_wrong' : 'applied';
      return { kind: 'confirm', reason, sent, lagSeconds: (now - sent.updatedAt) / 1e6 };
    }
    case 'missing':
      return { kind: 'settle', reason: 'row_missing', key: sent };
    case 'invalid':
      return { kind: 'fail', reason: 'not_storable', sent, error: notStorable };
    case 'stale': {
      const { status, updatedAt: rowUpdatedAt } = answer;
      if (status !== null && isFinal(status)) return { kind: 'settle', reason: 'row_final', key: sent };
      if (rowUpdatedAt === null) return none('gone', sent);
      // Stale though it is past the row: the database took its stamp for more than a day ahead.
      const wrong = sent.updatedAt > rowUpdatedAt || isFarAhead(rowUpdatedAt, now, limits);
      return { kind: 'rebase', reason: wrong ? 'clock_wrong' : 'row_newer', sent, rowUpdatedAt };
    }
    default:
      return answer.outcome satisfies never;
  }
}

const isFarAhead = (stamp: Stamp, now: Stamp, { farAheadMs }: Limits) => stamp - now > farAheadMs * 1000;

/** A record that a worker has: its owner may have ended or deleted the row in Supabase itself. */
function decideQuiet(record: TaskRecord, row: DispatchableRow | null): Action {
  if (row === null) return { kind: 'settle', reason: 'row_missing', key: record };
  if (isFinal(row.status)) return { kind: 'settle', reason: 'row_final', key: record };
  if (record.updatedAt > row.updatedAt) {
    return { kind: 'reopen', reason: 'row_behind', key: record, rowUpdatedAt: row.updatedAt };
  }
  return none('in_order', record);
}

/** Nobody has a due task, unless its row says that it is over. */
function decideDue({ record, row, queueReady }: Observed<'due'>): Action {
  const checked = decideQuiet(record, row);
  if (row === null || checked.kind !== 'none') return checked;
  if (!queueReady) return none('no_queue', record);
  return { kind: 'dispatch', reason: reasonOfDispatch(record), record, row };
}

function reasonOfDispatch({ claim }: TaskRecord): Extract<Action, { kind: 'dispatch' }>['reason'] {
  if (claim === '') return 'not_claimed';
  return claim === '-' ? 'put_back' : 'claim_ran_out';
}

/** The row was read first, so it may be the older life. */
function decideActive({ row, record }: Observed<'active'>): Action | Question {
  if (record === null) return { kind: 'seed', reason: 'no_record', row };
  const ahead = isAhead(record);
  if (record.id !== row.id) {
    const settled = isFinal(record.status) && !ahead;
    return settled ? { kind: 'seed', reason: 'other_life', row } : { kind: 'read_other_life', record };
  }
  if (ahead) return none('in_order', row);
  const reopen = { kind: 'reopen', key: row, rowUpdatedAt: row.updatedAt } as const;
  if (record.updatedAt > row.updatedAt) return { ...reopen, reason: 'row_behind' };
  return isFinal(record.status) ? { ...reopen, reason: 'row_not_final' } : none('in_order', row);
}
