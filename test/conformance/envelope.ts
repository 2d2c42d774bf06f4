import { randomUUID } from 'node:crypto';
import type { Envelope } from '@tickwork/task/envelope';

export const newEnvelope = (): Envelope => ({
  id: randomUUID(),
  correlationId: randomUUID(),
  userId: randomUUID(),
  mandate: 'Say hello.',
  maxTicks: 3,
  traceparent: null,
});
