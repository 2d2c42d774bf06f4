import { statuses } from '@tickwork/task/status';
import { Type } from 'typebox';
import { cursorPattern } from '../../tasks/cursor.ts';
import { parseDateTime } from '../../tasks/date-time.ts';
import { longestWaitSeconds } from '../../tasks/watch/await-news.ts';

export const uuid = (description: string) =>
  Type.String({
    format: 'uuid',
    description,
    pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
    rule: 'must be a UUID',
  });

/** What can't be an id is answered like one that nobody has: a parameter of the path that is wrong is 404. */
export const taskParameters = Type.Object({
  id: uuid("The task's correlation_id, or its row's own id"),
});

export const waitQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: longestWaitSeconds,
        rule: `must be an integer from 1 to ${longestWaitSeconds}, in seconds`,
        description: 'How many seconds to wait for something newer',
      }),
    ),
  },
  { additionalProperties: false },
);

export const knownHeaders = Type.Object({
  'if-none-match': Type.Optional(
    Type.String({ description: 'What is known already, by its `ETag`: then the answer is 304' }),
  ),
});

export const noQuery = Type.Object({}, { additionalProperties: false });

export const streamHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      description: 'The last event that came: what is newer follows',
      documented: {
        pattern: '^((\\d{1,15}|[1-8]\\d{15})-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$',
      },
    }),
  ),
});

const dateTime = (description: string) => {
  const rule = 'must be a date and a time with its zone (RFC 3339)';
  return Type.Refine(
    Type.String({ format: 'date-time', rule, description }),
    (text) => parseDateTime(text) !== undefined,
    () => rule,
  );
};

export const listQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 100,
        rule: 'must be an integer from 1 to 1000',
        description: 'Most tasks on a page',
      }),
    ),
    cursor: Type.Optional(
      Type.String({
        pattern: cursorPattern,
        rule: 'must be a next_cursor of an earlier answer',
        description: '`next_cursor` of the page before',
      }),
    ),
    status: Type.Optional(
      Type.Array(Type.Enum([...statuses]), {
        minItems: 1,
        maxItems: 20,
        description: 'One or several',
        rule: `must be one or several of ${statuses.join(', ')}`,
      }),
    ),
    created_after: Type.Optional(dateTime('Tasks that were made later than this')),
    created_before: Type.Optional(dateTime('Tasks that were made earlier than this')),
    total: Type.Optional(
      Type.Boolean({
        default: false,
        rule: 'must be true or false',
        description: 'Count all that the filter lets through',
      }),
    ),
  },
  { additionalProperties: false },
);

export const submitHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description: 'Sent again with the same key and body, it is the same task',
      pattern: '^[\\x20-\\x7e]{16,255}$',
      rule: 'must have 16 to 255 printable ASCII characters',
    }),
  ),
});
