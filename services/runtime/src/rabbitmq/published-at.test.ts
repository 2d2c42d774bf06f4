import { expect, test } from 'vitest';
import { publishedAtHeader, publishedAtOf } from './published-at.ts';

const now = Date.UTC(2027, 0, 15);

test('the header of a publish is read to the millisecond', () => {
  expect(publishedAtOf(publishedAtHeader(now + 0.4))).toBe(now);
});

test.each([
  ['no headers', undefined],
  ['none of it', { traceparent: 'x' }],
  ['a text', { published_at_ms: String(now) }],
  ['a number of another type', { published_at_ms: BigInt(now) }],
  ['an AMQP timestamp', { published_at_ms: { '!': 'timestamp', value: now } }],
  ['no number', { published_at_ms: Number.NaN }],
  ['seconds', { published_at_ms: now / 1000 }],
  ['microseconds', { published_at_ms: now * 1000 }],
  ['a clock that was never set', { published_at_ms: 0 }],
])('%s: nothing is told', (_name, headers) => {
  expect(publishedAtOf(headers)).toBeNull();
});
