import { v5 as uuidv5 } from 'uuid';
import type { ErrorCode } from './errors.ts';

/** What a client calls a new task, so that it can be sent again without making another one. */
export interface TaskName {
  readonly kind: 'idempotency_key' | 'correlation_id';
  readonly value: string;
}

/** A key names a task among its user's alone, and always the same one: nothing has to be remembered. */
export function correlationIdOf({ kind, value }: TaskName, userId: string): string {
  if (kind === 'correlation_id') return value.toLowerCase();
  // As bytes: uuid takes as text only what has a version and a variant, and a user's id need not.
  return uuidv5(value, Buffer.from(userId.replaceAll('-', ''), 'hex'));
}

/** The name is taken, and not by the same task. Of a correlation_id it isn't told by whom. */
export const takenBy: Readonly<Record<TaskName['kind'], ErrorCode>> = {
  idempotency_key: 'idempotency_key_reused',
  correlation_id: 'conflict',
};
