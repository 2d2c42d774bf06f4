import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

const cursor = { createdAt: 1_767_225_600_000_001, id: '01939a3c-0000-7000-8000-00000000000a' };
const base64 = (text: string) => Buffer.from(text).toString('base64url');

test('a cursor comes back as it was', () => {
  expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor);
});

test.each([
  '',
  'x',
  '💩',
  base64('1'),
  base64(`.${cursor.id}`),
  base64(`-1.${cursor.id}`),
  base64(`1e9.${cursor.id}`),
  base64(`99999999999999999.${cursor.id}`),
  base64(`1.${cursor.id})`),
  base64(`1.${cursor.id}.1`),
  `${encodeCursor(cursor)}=`,
  `${encodeCursor(cursor)}!`,
])('%s is none', (text) => {
  expect(decodeCursor(text)).toBeUndefined();
});
