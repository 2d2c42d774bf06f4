import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseStamp, stampFromTimestamp } from './stamp.ts';

const year2200 = 7_258_118_400_000_000;

test('a timestamp gives back every microsecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: year2200 }), (stamp) => {
      const seconds = new Date(Math.floor(stamp / 1_000_000) * 1000).toISOString().slice(0, 19);
      const fraction = String(stamp % 1_000_000).padStart(6, '0');
      expect(stampFromTimestamp(`${seconds}.${fraction}+00:00`)).toBe(stamp);
      expect(stampFromTimestamp(`${seconds}.${fraction}+00`.replace('T', ' '))).toBe(stamp);
      expect(parseStamp(String(stamp))).toBe(stamp);
    }),
  );
});

test('zones and short fractions count', () => {
  expect(stampFromTimestamp('1970-01-01T02:00:00.5+02:00')).toBe(500_000);
  expect(stampFromTimestamp('1970-01-01T00:00:01Z')).toBe(1_000_000);
});

test('what is no stamp is none', () => {
  for (const text of ['', null, undefined, 'abc', '-1', '1.5', '1e9', '99999999999999999']) {
    expect(parseStamp(text)).toBeNull();
  }
  expect(() => stampFromTimestamp('yesterday')).toThrow('not a timestamp');
});
