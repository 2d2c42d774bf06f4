import { expect, test } from 'vitest';
import { retryWaitMs } from './retry-wait.ts';

const least = { random: () => 0 };
const most = { random: () => 1 };

test.each([
  [1, 500, 1000],
  [2, 1000, 2000],
  [5, 8000, 16_000],
  [9, 128_000, 256_000],
  [10, 150_000, 300_000],
  [100, 150_000, 300_000],
])('after attempt %i it is from %i to %i ms', (attempt, from, to) => {
  expect(retryWaitMs(least, attempt, 0)).toBe(from);
  expect(retryWaitMs(most, attempt, 0)).toBe(to);
});

test('it is no shorter than asked for, and at most an hour', () => {
  expect(retryWaitMs(most, 1, 60_000)).toBe(60_000);
  expect(retryWaitMs(most, 1, 86_400_000)).toBe(3_600_000);
  expect(retryWaitMs(most, 1, Number.POSITIVE_INFINITY)).toBe(3_600_000);
});
