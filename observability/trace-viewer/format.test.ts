import { expect, test } from 'vitest';
import { formatDuration, formatTime } from './format.ts';

test.each([
  [0, '0 µs'],
  [0.85, '850 µs'],
  [12.345, '12.3 ms'],
  [250, '250 ms'],
  [4560, '4.56 s'],
  [119_600, '2 min 0 s'],
  [3_723_000, '62 min 3 s'],
])('%f ms is %s', (milliseconds, shown) => {
  expect(formatDuration(milliseconds)).toBe(shown);
});

test('a time is UTC, however late', () => {
  expect(formatTime(1_767_225_600_000.5)).toBe('2026-01-01 00:00:00.000 UTC');
  expect(formatTime(1.85e13)).toMatch(/^\+?\d+-.* UTC$/);
});
