import { expect, test } from 'vitest';
import { isAllowed, originsPattern, parseOrigins } from './origins.ts';

const list =
  'https://app.example.com, http://localhost:* https://*.preview.example.com,https://pr-*.example.org';

test.each([
  ['https://app.example.com', true],
  ['http://localhost:5173', true],
  ['https://a-1.preview.example.com', true],
  ['https://pr-7.example.org', true],
  ['http://app.example.com', false],
  ['https://app.example.com:8443', false],
  ['https://app.example.com.evil.com', false],
  ['https://appXexample.com', false],
  ['http://localhost', false],
  ['http://localhost:5173.evil.com', false],
  ['https://a.b.preview.example.com', false],
  ['https://preview.example.com', false],
  ['https://evil.com/.preview.example.com', false],
  ['https://pr-.example.org', false],
  ['null', false],
  ['', false],
])('%s: %s', (origin, allowed) => {
  expect(isAllowed(parseOrigins(list), origin)).toBe(allowed);
});

test('a list of none allows none, and a star every one', () => {
  expect(parseOrigins('')).toEqual([]);
  expect(isAllowed(parseOrigins('*'), 'https://anywhere.example')).toBe(true);
});

test.each([
  [list, true],
  ['*', true],
  ['https://app.example.com/', false],
  ['app.example.com', false],
  ['https://(a+)+.example.com', false],
  ['* https://app.example.com', true],
  ['https://app.example.com,', false],
])('the setting %s: %s', (text, good) => {
  expect(new RegExp(originsPattern).test(text)).toBe(good);
});
