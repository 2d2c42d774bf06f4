import { expect, test } from 'vitest';
import { describeDeadLetter } from './dead-letter.ts';

const describe = (content: string, properties = {}) =>
  describeDeadLetter({ content: Buffer.from(content), properties }, 1);

test('headers of any shape tell nothing, and do no harm', () => {
  const headers = { 'x-death': [7, null, { reason: 1, time: 'soon' }], 'x-first-death-reason': { a: 1 } };
  expect(describe('[]', { messageId: 7, headers })).toEqual({
    position: 1,
    names: [expect.stringMatching(/^sha256:[0-9a-f]{16}$/)],
    reason: null,
    diedAt: null,
    bytes: 2,
    problem: "the envelope's body must be object",
  });
  expect(describe('null', { headers: { 'x-death': 'x' } })).toMatchObject({ reason: null, diedAt: null });
});

test('the newest death tells the time, and the first one the reason', () => {
  const died = (value: number) => ({ reason: 'rejected', time: { '!': 'timestamp', value } });
  const headers = { 'x-death': [died(1_800_000_000), died(1)], 'x-first-death-reason': 'delivery_limit' };
  expect(describe('x', { headers })).toMatchObject({
    reason: 'delivery_limit',
    diedAt: '2027-01-15T08:00:00.000Z',
  });
});

test('a correlation_id is told only where it is one', () => {
  const id = '0192d0c0-0000-7000-8000-000000000000';
  expect(describe(JSON.stringify({ correlation_id: id })).names[0]).toBe(id);
  for (const correlation_id of ['my secret plan', 7, `${id}!`]) {
    expect(describe(JSON.stringify({ correlation_id })).names).toHaveLength(1);
  }
});
