import { expect, test } from 'vitest';
import { retryAfterMs } from './refusal.ts';

const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
  ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
  ['9'.repeat(400), 86_400_000],
  ['Fri, 21 Oct 2033 07:28:00 GMT', 86_400_000],
  ['Wed, 99 Foo 2026 07:28:30 GMT', 0],
  ['1.5', 0],
  ['-1', 0],
  ['2030', 2_030_000],
  ['soon', 0],
  [undefined, 0],
  [['1', '2'], 0],
])('Retry-After %o', (header, wait) => {
  expect(retryAfterMs(header, now)).toBe(wait);
});
