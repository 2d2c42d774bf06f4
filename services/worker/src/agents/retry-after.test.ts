import { expect, test } from 'vitest';
import { retryAfterOf } from './retry-after.ts';

const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');

test.each([
  ['120', 120_000],
  ['0', 0],
  ['1.5', 1500],
  ['2030', 2_030_000],
  ['Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
  ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
  ['Wed, 99 Foo 2026 07:28:30 GMT', null],
  ['9'.repeat(400), null],
  ['-1', null],
  ['soon', null],
  [undefined, null],
  [['1', '2'], null],
])('Retry-After %o', (header, wait) => {
  expect(retryAfterOf(header, now)).toBe(wait);
});
