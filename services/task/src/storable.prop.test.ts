import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storableJson, storableText } from './storable.ts';

const anyText = fc.string({ unit: fc.constantFrom('a', '\u0000', '\ud800', '\udc00', 'ü', '😀') });

test('what is stored holds no NUL and no half of a pair', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(storableText(text)).not.toContain('\u0000');
      expect(storableText(text).isWellFormed()).toBe(true);
    }),
  );
});

test('neither does JSON, in keys and values at any depth', () => {
  fc.assert(
    fc.property(fc.jsonValue(), anyText, (value, text) => {
      const stored = storableJson({ [text]: [text, { deep: text }], value });
      expect(stored).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      expect(JSON.parse(storableJson({ value: 1, text: 'ü😀' }))).toEqual({ value: 1, text: 'ü😀' });
    }),
  );
});
