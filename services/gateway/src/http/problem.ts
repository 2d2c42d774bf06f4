import { catalogue, type ErrorCode, type FieldError, TaskError } from '../tasks/errors.ts';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly errors?: readonly FieldError[];
}

interface HttpFailure {
  readonly statusCode?: number;
  readonly validation?: readonly {
    instancePath?: string;
    keyword?: string;
    message?: string;
    params?: unknown;
  }[];
}

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'not_found',
  413: 'too_large',
  415: 'unsupported_media_type',
};

/** Any error as `application/problem+json` (RFC 9457). Only texts of the catalogue and rules of fields come out, no content. */
export function toProblem(error: unknown): Problem {
  const known = error instanceof TaskError ? error : fromHttp(error as HttpFailure);
  const { status, title } = catalogue[known.code];
  return {
    type: `urn:tickwork:error:${known.code}`,
    title,
    status,
    detail: known.message,
    code: known.code,
    ...(known.errors.length > 0 ? { errors: known.errors } : {}),
  };
}

function fromHttp({ validation, statusCode = 500 }: HttpFailure): TaskError {
  if (validation) return new TaskError('invalid', undefined, validation.flatMap(toFieldErrors));
  return new TaskError(byStatus[statusCode] ?? (statusCode < 500 ? 'bad_request' : 'internal'));
}

interface Parameters {
  readonly additionalProperties?: readonly string[];
  readonly requiredProperties?: readonly string[];
}

/** One for each field that is not known, missing or wrong. */
function toFieldErrors({ instancePath = '', keyword, message = 'is wrong', params }: Failure): FieldError[] {
  const { additionalProperties = [], requiredProperties = [] } = (params ?? {}) as Parameters;
  if (keyword === 'boolean') return []; // says again what additionalProperties says
  if (keyword === 'additionalProperties') {
    return additionalProperties.map((field) => ({ field: field.slice(0, 100), rule: 'is not known' }));
  }
  if (keyword === 'required') return requiredProperties.map((field) => ({ field, rule: 'must be given' }));
  return [{ field: instancePath.slice(1).replaceAll('/', '.') || 'body', rule: message }];
}

type Failure = NonNullable<HttpFailure['validation']>[number];
