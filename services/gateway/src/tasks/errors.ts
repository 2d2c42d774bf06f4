import type { Task } from '@tickwork/task/task';

/** Every error that a client can meet: its HTTP status, and a title that is safe to show. */
export const catalogue = {
  bad_request: { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  forbidden: { status: 403, title: 'This is not allowed' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'There is another task with this correlation_id' },
  task_ended: { status: 409, title: 'The task has ended' },
  task_not_ended: { status: 409, title: 'The task has not ended yet' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  invalid: { status: 422, title: 'A field is not valid' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key came before, with another body' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  rate_limited: { status: 429, title: 'Too many requests; wait a little' },
  quota_exceeded: { status: 429, title: 'The quota is used up' },
  too_many_watchers: { status: 429, title: 'You watch as many tasks as one may at once' },
  internal: { status: 500, title: 'Something went wrong here' },
  schema_missing: { status: 503, title: "The database lacks Tickwork's migrations: run supabase/schema.sql" },
  overloaded: { status: 503, title: 'As many watch here as this process can serve' },
  supabase_unavailable: { status: 503, title: 'Supabase did not answer' },
} as const;

export type ErrorCode = keyof typeof catalogue;
export interface FieldError {
  readonly field: string;
  readonly rule: string;
}

/** What is left of a user's tasks: of the day's, or of those that are not final at once. */
export interface Quota {
  readonly kind: 'daily' | 'active';
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  /** Seconds. */
  readonly retry_after?: number;
}

interface TaskErrorOptions {
  readonly errors?: readonly FieldError[];
  readonly cause?: unknown;
  /** Replaces the title where more can be said; safe to show. */
  readonly detail?: string;
  readonly quota?: Quota | null;
  /** The task as it is, where that is why. */
  readonly task?: Task | null;
}

export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  readonly quota: Quota | null;
  readonly task: Task | null;

  constructor(
    code: ErrorCode,
    { errors = [], cause, detail, quota = null, task = null }: TaskErrorOptions = {},
  ) {
    super(detail ?? catalogue[code].title, { cause });
    this.code = code;
    this.errors = errors;
    this.quota = quota;
    this.task = task;
  }
}

export interface Cause {
  readonly name?: string;
  readonly code?: string | number;
  readonly status?: number;
}

/** An error and what led to it, as far as a log may hold it: a message or a stack can quote what a user wrote. */
export function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = [];
  let next = error;
  while (typeof next === 'object' && next !== null && causes.length < 5) {
    const { name, code, status, cause } = next as Cause & { readonly cause?: unknown };
    causes.push({
      ...(name ? { name } : {}),
      ...(code ? { code } : {}),
      ...(status === undefined ? {} : { status }),
    });
    next = cause;
  }
  return causes;
}

/** Where an error came from: its stack without its message. */
export function framesOf(error: unknown): string[] {
  if (!(error instanceof Error) || !error.stack?.includes(error.message)) return [];
  const frames = error.stack.slice(error.stack.indexOf(error.message) + error.message.length);
  return frames
    .split('\n')
    .slice(1, 6)
    .map((frame) => frame.trim());
}
