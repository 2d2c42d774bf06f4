import { describe, expect, test } from 'vitest';
import { isNewer, parseVersion, printVersion, versionOf } from './version.ts';

const id = '01939a3c-0000-7000-8000-000000000000';
const version = { stamp: 1_767_225_600_000_001, id };

test('what is printed is read back', () => {
  expect(versionOf({ id, updatedAt: '2026-01-01T00:00:00.000001+00:00' })).toEqual(version);
  expect(parseVersion(printVersion(version))).toEqual(version);
});

test.each([
  '',
  '1',
  `-${id}`,
  `1-${id}x`,
  `x-${id}`,
  `1.5-${id}`,
  `9999999999999999-${id}`,
  `12345678901234567-${id}`,
  `1-${id.toUpperCase()}`,
  `1 -${id}`,
  '1-row',
])('%j is no version', (text) => {
  expect(parseVersion(text)).toBeNull();
});

describe('newer', () => {
  test.each([
    ['a later stamp', { stamp: version.stamp + 1, id }, true],
    ['the same', version, false],
    ['an earlier stamp', { stamp: version.stamp - 1, id }, false],
    ['another row', { stamp: 0, id: 'another' }, true],
  ])('%s', (_name, other, newer) => {
    expect(isNewer(other, version)).toBe(newer);
  });
});
