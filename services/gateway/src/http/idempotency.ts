import type { FastifyRequest } from 'fastify';
import { TaskError } from '../tasks/errors.ts';
import { correlationIdOf, type TaskName } from '../tasks/task-name.ts';

const header = 'idempotency-key';

/**
 * By what a submit can be sent again: its Idempotency-Key, or a correlation_id. Throws `invalid` for two keys, and `conflict` for a
 * correlation_id that is not the one that the key makes.
 */
export function taskNameOf(
  { headers, raw, user }: FastifyRequest,
  correlationId?: string,
): TaskName | undefined {
  const key = headers[header];
  if (key === undefined) {
    return correlationId === undefined ? undefined : { kind: 'correlation_id', value: correlationId };
  }
  // Node joins two of them into one text.
  if (raw.headersDistinct[header]?.length !== 1) {
    throw new TaskError('invalid', { errors: [{ field: header, rule: 'must be given once' }] });
  }
  const name: TaskName = { kind: 'idempotency_key', value: String(key) };
  if (correlationId !== undefined && correlationId.toLowerCase() !== correlationIdOf(name, user.id)) {
    throw new TaskError('conflict', {
      detail: 'Idempotency-Key and correlation_id name two tasks: give one',
    });
  }
  return name;
}
