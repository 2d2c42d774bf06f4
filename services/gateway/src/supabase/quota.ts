import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Quota } from '../tasks/errors.ts';

const count = Type.Integer({ minimum: 0 });
const schema = Type.Object({
  kind: Type.Enum(['daily', 'active']),
  limit: count,
  used: count,
  left: count,
  retry_after: Type.Optional(count),
});

/**
 * What the schema's refusal says in `details`, which is JSON in a text. The wait is there too, as supabase-js keeps the header
 * Retry-After to itself. Only fields that are known come out; null when it is anything else.
 */
export function parseQuota(details: string | null | undefined): Quota | null {
  try {
    const quota: unknown = Value.Clean(schema, JSON.parse(details ?? ''));
    return Value.Check(schema, quota) ? quota : null;
  } catch {
    return null;
  }
}
