import { Type } from 'typebox';
import { catalogue, type ErrorCode } from '../../tasks/errors.ts';
import { problemSchema } from '../schemas/problem.ts';

interface Documented {
  readonly description: string;
  readonly headers: Readonly<Record<string, Type.TSchema>>;
}

const headers = {
  location: Type.String({ description: 'Where the task is' }),
  etag: Type.String({ description: 'Names this state of the task, for `If-None-Match`' }),
  link: Type.String({ description: 'Where the next page is, as `rel="next"`' }),
  'retry-after': Type.Integer({ description: 'Seconds to wait' }),
  'ratelimit-limit': Type.Integer({ description: 'Requests that are allowed in a window' }),
  'ratelimit-remaining': Type.Integer({ description: 'Requests that are left in this window' }),
  'ratelimit-reset': Type.Integer({ description: 'Seconds until the next window' }),
} as const;
type HeaderName = keyof typeof headers;
export const rateLimitHeaders = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'] as const;

/** What a route answers when all is well: what is sent is serialised by `schema`. */
export function answer<Schema extends Type.TSchema>(
  schema: Schema,
  description: string,
  names: readonly HeaderName[] = [],
): Schema & Documented {
  return { ...schema, description, headers: Object.fromEntries(names.map((name) => [name, headers[name]])) };
}

/** A route's answer without a body. */
export function bare(description: string, names: readonly HeaderName[] = []) {
  return {
    type: 'null',
    description,
    headers: Object.fromEntries(names.map((name) => [name, headers[name]])),
  };
}

/** What any request can meet. */
const everywhere: readonly ErrorCode[] = ['bad_request', 'headers_too_large', 'internal'];
const ofUsers: readonly ErrorCode[] = [
  'unauthenticated',
  'forbidden',
  'supabase_unavailable',
  'schema_missing',
];
const withBody: readonly ErrorCode[] = ['timeout', 'too_large', 'unsupported_media_type'];

/** The errors of a route, by their status; those that every route has come by themselves. */
export function problems(codes: readonly ErrorCode[]) {
  const all = [...new Set([...everywhere, ...codes])];
  const byStatus = Object.groupBy(all, (code) => catalogue[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, group = []]) => [status, problemAnswer(group)] as const),
  );
}

export const userProblems = (...codes: readonly ErrorCode[]) => problems([...ofUsers, ...codes]);
export const submitProblems = (...codes: readonly ErrorCode[]) =>
  userProblems(...withBody, 'rate_limited', ...codes);

function problemAnswer(codes: readonly ErrorCode[]) {
  const waits = codes.some((code) => [429, 503].includes(catalogue[code].status));
  const limited = codes.includes('rate_limited') ? rateLimitHeaders : [];
  const names: HeaderName[] = [...(waits ? (['retry-after'] as const) : []), ...limited];
  return {
    description: codes.map((code) => `\`${code}\`: ${catalogue[code].title}`).join('. '),
    headers: Object.fromEntries(names.map((name) => [name, headers[name]])),
    content: { 'application/problem+json': { schema: problemSchema, examples: examplesOf(codes) } },
  };
}

function examplesOf(codes: readonly ErrorCode[]) {
  const example = (code: ErrorCode) => {
    const { status, title } = catalogue[code];
    const problem = { type: `urn:tickwork:error:${code}`, title, status, detail: title, code };
    return { value: { ...problem, trace_id: '0af7651916cd43dd8448eb211c80319c' } };
  };
  return Object.fromEntries(codes.map((code) => [code, example(code)]));
}
