/** Every error that a client can meet: its HTTP status, and a title that is safe to show. */
export const catalogue = {
  bad_request: { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  forbidden: { status: 403, title: 'This is not allowed' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  conflict: { status: 409, title: 'The task is already there, or has ended' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json' },
  invalid: { status: 422, title: 'A field is not valid' },
  quota_exceeded: { status: 429, title: 'The quota is used up' },
  internal: { status: 500, title: 'Something went wrong here' },
  schema_missing: { status: 503, title: "The database lacks Tickwork's migrations" },
  supabase_unavailable: { status: 503, title: 'Supabase did not answer' },
} as const;

export type ErrorCode = keyof typeof catalogue;
export interface FieldError {
  readonly field: string;
  readonly rule: string;
}

export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];

  constructor(code: ErrorCode, detail?: string, errors: readonly FieldError[] = []) {
    super(detail ?? catalogue[code].title);
    this.code = code;
    this.errors = errors;
  }
}
