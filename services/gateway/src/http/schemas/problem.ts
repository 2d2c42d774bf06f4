import { Type } from 'typebox';
import { catalogue } from '../../tasks/errors.ts';
import { taskSchema } from './task.ts';

/** An error (RFC 9457). `kind`, `limit`, `used`, `left` and `retry_after` are there on `quota_exceeded`. */
export const problemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'A URN that ends with `code`' }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    code: Type.Enum(Object.keys(catalogue), { description: 'What tells errors apart' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), rule: Type.String() }), {
        description: 'Every field that is wrong, with the rule that it breaks',
      }),
    ),
    task: Type.Optional(taskSchema),
    kind: Type.Optional(Type.Enum(['daily', 'active'], { description: 'Which quota is used up' })),
    limit: Type.Optional(Type.Integer()),
    used: Type.Optional(Type.Integer()),
    left: Type.Optional(Type.Integer()),
    retry_after: Type.Optional(Type.Integer({ description: 'Seconds to wait' })),
    trace_id: Type.Optional(Type.String({ description: 'For a user to quote' })),
  },
  { component: 'Problem' },
);
