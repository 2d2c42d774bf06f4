import type { CallOutcome } from '@tickwork/runtime/telemetry/dependency-calls';
import type { Verdict } from '../reconcile/circuit-state.ts';
import { type ErrorCode, TaskError } from '../tasks/errors.ts';
import { parseQuota } from './quota.ts';

export interface Failure {
  readonly code?: string;
  readonly message?: string;
  readonly details?: string | null;
}

const byCode: Readonly<Record<string, ErrorCode>> = {
  PGRST301: 'unauthenticated',
  PGRST302: 'unauthenticated',
  PGRST303: 'unauthenticated',
  PGRST202: 'schema_missing',
  PGRST205: 'schema_missing',
  '42P01': 'schema_missing',
  '42501': 'forbidden',
  '23505': 'conflict',
  PT409: 'task_ended',
  PT400: 'invalid',
  PT413: 'invalid',
  PT422: 'invalid',
  PGRST102: 'invalid',
  TW429: 'quota_exceeded',
};

/** What PostgREST answered, as an error of ours. Its own text stays inside: it can hold content. */
export function toTaskError(failure: Failure, status: number): TaskError {
  const code = failure.code ?? '';
  const cause = { name: 'PostgREST', code, status };
  const meaning = meaningOf(code, status);
  return new TaskError(meaning, {
    cause,
    quota: meaning === 'quota_exceeded' ? parseQuota(failure.details) : null,
  });
}

function meaningOf(code: string, status: number): ErrorCode {
  const known = byCode[code];
  if (known) return known;
  // Class 22 is data that can't be stored, class 23 a constraint that it breaks.
  if (/^2[23]...$/.test(code)) return 'invalid';
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  // A proxy before PostgREST takes no body of this size.
  if (status === 413) return 'invalid';
  return 'supabase_unavailable';
}

/** True when what was sent is at fault: sending it again can't help, leaving it out does. */
export function isContentFault(error: unknown): boolean {
  return error instanceof TaskError && error.code === 'invalid';
}

/**
 * What an error tells of Supabase itself. Any refusal is an answer, one of our token too: Supabase is well, and asking it less often
 * mends nothing. An error that is not Supabase's (the token's file can't be read) comes before anything was sent.
 */
export function verdictOf(error: unknown): Verdict {
  if (!(error instanceof TaskError)) return 'unsaid';
  return error.code === 'supabase_unavailable' ? 'failed' : 'answered';
}

/** What became of a call that failed, for its metric. */
export function callOutcomeOf(error: unknown, signals: readonly AbortSignal[]): CallOutcome {
  if (signals.some(({ aborted }) => aborted)) return 'given_up';
  return verdictOf(error) === 'answered' ? 'refused' : 'failed';
}
