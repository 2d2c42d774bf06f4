import { expect, test } from 'vitest';
import { decodeEnvelope, type Envelope, encodeEnvelope } from './envelope.ts';

const envelope: Envelope = {
  id: '11111111-1111-4111-8111-111111111111',
  correlationId: '01939a3c-0000-7000-8000-000000000001',
  userId: '22222222-2222-4222-8222-222222222222',
  mandate: 'Say hello 😀',
  maxTicks: 80,
  traceparent: null,
};

const changed = (change: object) =>
  Buffer.from(JSON.stringify({ ...JSON.parse(encodeEnvelope(envelope).toString()), ...change }));

test('an envelope comes back as it was', () => {
  expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope);
  const traced = { ...envelope, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  expect(decodeEnvelope(encodeEnvelope(traced))).toEqual(traced);
});

test('a field of a later version is passed over', () => {
  expect(decodeEnvelope(changed({ priority: 3 }))).toEqual(envelope);
});

test.each([
  ['v', { v: 2 }],
  ['id', { id: 'X' }],
  ['correlation_id', { correlation_id: null }],
  ['mandate', { mandate: '' }],
  ['max_ticks', { max_ticks: 0 }],
])('a bad %s is named, its content is not', (field, change) => {
  expect(() => decodeEnvelope(changed(change))).toThrow(`the envelope's ${field} `);
});

test('what is no JSON is refused', () => {
  expect(() => decodeEnvelope(Buffer.from('{'))).toThrow('must be JSON');
  expect(() => decodeEnvelope(Buffer.from([0xff, 0xfe]))).toThrow('must be JSON');
});
