import { expect, test } from 'vitest';
import { etagOf, isNamed } from './etag.ts';

const task = {
  id: '01939a3c-0000-7000-8000-000000000000',
  updatedAt: '2026-01-01T00:00:00.000001+00:00',
};
const etag = '"1767225600000001-01939a3c-0000-7000-8000-000000000000"';

test('an ETag is strong, and tells the stamp and the row', () => {
  expect(etagOf(task)).toBe(etag);
});

test.each([
  [etag, true],
  [`W/${etag}`, true],
  [`"other", ${etag}`, true],
  [`"other",W/${etag} `, true],
  ['*', true],
  [etag.slice(1, -1), false],
  ['"other"', false],
  ['', false],
  [etag.replace('0001-', '0002-'), false],
])('If-None-Match: %s → %s', (header, named) => {
  expect(isNamed(header, task)).toBe(named);
});
