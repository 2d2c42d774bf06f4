import { Type } from 'typebox';

export const uuid = () =>
  Type.String({
    pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
    rule: 'must be a UUID',
  });

/** What can't be an id is answered like one that nobody has: a parameter of the path that is wrong is 404. */
export const taskParameters = Type.Object({
  id: uuid(),
});

export const listQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9]\\d{0,2}|1000)$', rule: 'must be an integer from 1 to 1000' }),
    ),
  },
  { additionalProperties: false },
);

export const submitHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x20-\\x7e]{16,255}$',
      rule: 'must have 16 to 255 printable ASCII characters',
    }),
  ),
});
