import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from './cursor.ts';

const id = '01939a3c-0000-7000-8000-00000000000a';

test.each([0, 1_767_225_600_000_001, Number.MAX_SAFE_INTEGER])(
  'a cursor comes back as it was: %s',
  (createdAt) => {
    expect(decodeCursor(encodeCursor({ createdAt, id }))).toEqual({ createdAt, id });
  },
);

test('whatever has its shape is one, of a time that can be told and of an id', () => {
  for (const text of [`AB${'_'.repeat(30)}`, `AA${'A'.repeat(30)}`, `AA${'z'.repeat(30)}`]) {
    const cursor = decodeCursor(text);
    expect(cursor?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(cursor?.createdAt).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    expect(cursor && encodeCursor(cursor)).toBe(text);
  }
});

const good = encodeCursor({ createdAt: 1, id });
test.each(['', 'x', '💩', `${good}=`, `${good}A`, good.slice(1), `B${good.slice(1)}`, `AC${good.slice(2)}`])(
  '%s is none',
  (text) => {
    expect(decodeCursor(text)).toBeUndefined();
  },
);
