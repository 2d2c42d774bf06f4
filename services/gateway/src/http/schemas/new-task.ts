import { defaultMaxTicks, maxMandateLength, maxTicksLimit } from '@tickwork/task/envelope';
import { Type } from 'typebox';
import { uuid } from './parameters.ts';

const mandateRules: readonly (readonly [rule: string, isKept: (mandate: string) => boolean])[] = [
  ['must not be blank', (mandate) => /\S/.test(mandate)],
  ['must not hold NUL', (mandate) => !mandate.includes('\u0000')],
  ['must be well-formed Unicode', (mandate) => mandate.isWellFormed()],
  [
    `must have at most ${maxMandateLength} characters`,
    // Code points are at least half as many as UTF-16 units.
    (mandate) => mandate.length <= 2 * maxMandateLength && [...mandate].length <= maxMandateLength,
  ],
];
const mandate = mandateRules.reduce<Type.TString>(
  (type, [rule, isKept]) => Type.Refine(type, isKept, () => rule),
  Type.String({
    rule: 'must be text',
    description: 'What is to be done; kept as it is',
    documented: {
      minLength: 1,
      maxLength: maxMandateLength,
      pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$',
    },
  }),
);

/** What a user submits. */
export const newTaskSchema = Type.Object(
  {
    mandate,
    max_ticks: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: maxTicksLimit,
        default: defaultMaxTicks,
        description: 'How many ticks it may take',
        rule: `must be an integer from 1 to ${maxTicksLimit}`,
      }),
    ),
    correlation_id: Type.Optional(uuid('What the task is to be called; without an Idempotency-Key')),
  },
  {
    additionalProperties: false,
    component: 'NewTask',
    examples: [{ mandate: 'Compare three suppliers of paper. Name the best.', max_ticks: 50 }],
  },
);
