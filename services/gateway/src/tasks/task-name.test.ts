import { expect, test } from 'vitest';
import { correlationIdOf } from './task-name.ts';

const key = { kind: 'idempotency_key', value: 'www.example.com!' } as const;
const userId = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

test('a key is the uuidv5 of its user and itself', () => {
  // RFC 9562's example of version 5 is of this namespace.
  expect(correlationIdOf({ ...key, value: 'www.example.com' }, userId)).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
  expect(correlationIdOf(key, userId)).not.toBe(correlationIdOf(key, userId.replace('6', '7')));
});

test('a user whose id has neither version nor variant can have keys too', () => {
  expect(correlationIdOf(key, '11111111-1111-1111-1111-111111111111')).toMatch(/^[0-9a-f-]{36}$/);
});

test('a correlation_id is itself, in lower case', () => {
  expect(correlationIdOf({ kind: 'correlation_id', value: userId.toUpperCase() }, userId)).toBe(userId);
});
