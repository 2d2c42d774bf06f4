import type { FastifyRequest } from 'fastify';
import { TaskError } from '../tasks/errors.ts';
import type { TaskName } from '../tasks/task-name.ts';

const header = 'idempotency-key';

/** By what a submit can be sent again: its Idempotency-Key, or a correlation_id. Throws `invalid` for more than one. */
export function taskNameOf({ headers, raw }: FastifyRequest, correlationId?: string): TaskName | undefined {
  const key = headers[header];
  if (key === undefined) {
    return correlationId === undefined ? undefined : { kind: 'correlation_id', value: correlationId };
  }
  if (correlationId !== undefined) throw wrong('correlation_id', 'must not be given with Idempotency-Key');
  // Node joins two of them into one text.
  if (raw.headersDistinct[header]?.length !== 1) throw wrong(header, 'must be given once');
  return { kind: 'idempotency_key', value: String(key) };
}

const wrong = (field: string, rule: string) => new TaskError('invalid', { errors: [{ field, rule }] });
