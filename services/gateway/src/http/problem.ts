import type { FastifyReply } from 'fastify';
import { catalogue, type ErrorCode, type FieldError, type Quota, TaskError } from '../tasks/errors.ts';
import { type TaskJson, taskJson } from './schemas/task.ts';

/** The fields of `quota` are there on `quota_exceeded`. */
export interface Problem extends Partial<Quota> {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly errors?: readonly FieldError[];
  /** As it is, where that is why. */
  readonly task?: TaskJson;
  /** For a user to quote. */
  readonly trace_id?: string;
}

/** Fastify's and Node's errors. */
interface HttpFailure {
  readonly statusCode?: number;
  readonly code?: string;
}

export const problemType = 'application/problem+json; charset=utf-8';

const byStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  404: 'not_found',
  413: 'too_large',
  415: 'unsupported_media_type',
};
const byCode: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};
const bodyRules: Readonly<Record<string, string>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'must not be empty',
  FST_ERR_CTP_INVALID_JSON_BODY: 'must be JSON, without __proto__ and constructor.prototype',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'must be as long as Content-Length says',
};

/** Any error as `application/problem+json` (RFC 9457). Only texts of the catalogue and rules of fields come out, no content. */
export function toProblem(error: unknown, traceId: string | null): Problem {
  const { code, message, errors, quota, task } =
    error instanceof TaskError ? error : fromHttp(error as HttpFailure);
  const { status, title } = catalogue[code];
  return {
    type: `urn:tickwork:error:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(errors.length > 0 ? { errors } : {}),
    ...quota,
    ...(task ? { task: taskJson(task) } : {}),
    ...(traceId ? { trace_id: traceId } : {}),
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer error="invalid_token"');
  const soon = problem.status === 503 || problem.code === 'too_many_watchers';
  const retryAfter = soon ? 5 : problem.retry_after;
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply.code(problem.status).type(problemType).send(JSON.stringify(problem));
}

function fromHttp({ statusCode = 500, code = '' }: HttpFailure): TaskError {
  const rule = bodyRules[code];
  const meaning = byCode[code] ?? byStatus[statusCode] ?? (statusCode < 500 ? 'bad_request' : 'internal');
  return new TaskError(meaning, rule ? { errors: [{ field: 'body', rule }] } : {});
}
