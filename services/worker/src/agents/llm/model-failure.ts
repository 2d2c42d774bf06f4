import type { Clock } from '@tickwork/runtime/process/clock';
import { APICallError, StreamProviderError } from 'ai';
import { numberOf, retryAfterOf } from '../retry-after.ts';

/** What became of a call of the model, in words of ours: a provider's may hold the key or the mandate. */
export interface ModelFailure {
  readonly message: string;
  /** Whether the same call may do better later. */
  readonly passes: boolean;
  readonly retryAfterMs: number | null;
  readonly status: number | null;
}

/** The model answered with neither text nor tool calls. */
export class EmptyAnswer extends Error {}

export function explainFailure(error: unknown, clock: Pick<Clock, 'wallTime'>): ModelFailure {
  if (APICallError.isInstance(error) && error.statusCode !== 200) {
    const { 'retry-after-ms': exact, 'retry-after': after } = error.responseHeaders ?? {};
    const retryAfterMs = numberOf(exact) ?? retryAfterOf(after, clock.wallTime());
    return { ...byStatus(error.statusCode ?? null, error.data), retryAfterMs };
  }
  if (StreamProviderError.isInstance(error))
    return { ...byStatus(error.statusCode ?? 500, error.data), retryAfterMs: null };
  return { message: describe(error), passes: true, retryAfterMs: null, status: null };
}

function byStatus(status: number | null, data: unknown): Omit<ModelFailure, 'retryAfterMs'> {
  if (status === null) return { message: 'the model could not be reached', passes: true, status };
  const passes = status === 408 || status === 409 || status === 425 || status === 429 || status >= 500;
  return { message: `${reasonOf(status, data)} (status ${status})`, passes, status };
}

function reasonOf(status: number, data: unknown): string {
  if (status === 429) return 'the model takes no more requests at the moment';
  if (status === 401 || status === 403) return 'the model’s endpoint refused the key of this deployment';
  if (status === 404) return 'the model’s endpoint does not know the model or the path';
  if (/context_length|context_window/.test(codeOf(data)))
    return 'the task has grown longer than the model can read';
  return status < 500 ? 'the model’s endpoint refused the request' : 'the model’s endpoint failed';
}

/** `error.code`, a word of the API's own; its message is not looked at. */
function codeOf(data: unknown): string {
  const error = typeof data === 'object' && data !== null && 'error' in data ? data.error : null;
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function describe(error: unknown): string {
  if (error instanceof EmptyAnswer) return 'the model gave an empty answer';
  if (error instanceof Error && error.name === 'TimeoutError') return 'the model took too long to answer';
  if (APICallError.isInstance(error)) return 'the model’s answer broke off';
  return 'the model’s answer could not be read';
}
