import { expect, test } from 'vitest';
import { encodeResult } from './result.ts';

const result = {
  success: true,
  deliverables: ['a', 'b'],
  notes: 'n',
  usage: { tokens: 5 },
  none: {},
  empty: [],
};
/** As Postgres 18 prints it as jsonb, apart from the order. */
const asJsonb =
  '{"success": true, "deliverables": ["a", "b"], "notes": "n", "usage": {"tokens": 5}, "none": {}, "empty": []}';

test('is the JSON of all that the agent gave', () => {
  expect(JSON.parse(encodeResult(result, 1000))).toEqual(result);
});

test('is measured as the database measures it', () => {
  expect(encodeResult(result, asJsonb.length)).toBe(JSON.stringify(result));
  expect(() => encodeResult(result, asJsonb.length - 1)).toThrow(
    `the result of the agent has ${asJsonb.length} bytes, more than the limit of ${asJsonb.length - 1}`,
  );
});

test.each([
  [{ ...result, success: 1 }, 'success must be true or false'],
  [{ ...result, deliverables: 'a' }, 'deliverables must be a list of texts'],
  [{ ...result, deliverables: [null] }, 'deliverables must be a list of texts'],
  [{ ...result, notes: undefined }, 'notes must be a text'],
  [[result], 'it must be an object'],
  ['done', 'it must be an object'],
])('%j is refused', (wrong, rule) => {
  expect(() => encodeResult(wrong, 1000)).toThrow(`the result of the agent is wrong: ${rule}`);
});
