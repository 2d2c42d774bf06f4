import { Type } from 'typebox';

/** An error (RFC 9457). `limit`, `used`, `left`, `kind` and `retry_after` are there on `quota_exceeded`. */
export const problemSchema = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  detail: Type.String(),
  code: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), rule: Type.String() }))),
  kind: Type.Optional(Type.Enum(['daily', 'active'])),
  limit: Type.Optional(Type.Integer()),
  used: Type.Optional(Type.Integer()),
  left: Type.Optional(Type.Integer()),
  retry_after: Type.Optional(Type.Integer()),
  trace_id: Type.Optional(Type.String()),
});
