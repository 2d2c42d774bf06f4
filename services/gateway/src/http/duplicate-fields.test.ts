import { expect, test } from 'vitest';
import { duplicateFields } from './duplicate-fields.ts';

test.each([
  ['{}', []],
  ['[{"a":1},{"a":2}]', []],
  ['"a:a"', []],
  ['{"a":1,"b":{"a":1,"a":2},"c":["a",{"a":1}]}', []],
  ['{"a":"\\"a\\":1,","b":"{"}', []],
  ['{"a":1,"b":2,"a":3,"a":4}', ['a']],
  ['{ "a" : {"x":1} , "\\u0061" : [] }', ['a']],
  ['{"a\\"":1,"a\\"":2}', ['a"']],
])('%s', (text, fields) => {
  expect(duplicateFields(text)).toEqual(fields);
});

test('a long text is no trouble', () => {
  expect(duplicateFields(JSON.stringify({ a: '\\"'.repeat(250_000), b: 'x'.repeat(500_000) }))).toEqual([]);
});
