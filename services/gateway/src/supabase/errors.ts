import { type ErrorCode, TaskError } from '../tasks/errors.ts';

interface Failure {
  readonly code?: string;
  readonly message?: string;
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
  PT409: 'conflict',
  PT400: 'invalid',
  PT413: 'invalid',
  PT422: 'invalid',
  PGRST102: 'invalid',
};

/** What PostgREST answered, as an error of ours. Its own text stays inside: it can hold content. */
export function toTaskError(failure: Failure, status: number): TaskError {
  const code = failure.code ?? '';
  const known = byCode[code];
  if (known) return new TaskError(known);
  // Class 22 is data that can't be stored, class 23 a constraint that it breaks.
  if (/^2[23]...$/.test(code)) return new TaskError('invalid');
  if (status === 401) return new TaskError('unauthenticated');
  if (status === 403) return new TaskError('forbidden');
  return new TaskError('supabase_unavailable');
}

/** True when what was sent is at fault: sending it again can't help, leaving it out does. */
export function isContentFault(error: unknown): boolean {
  return error instanceof TaskError && error.code === 'invalid';
}
