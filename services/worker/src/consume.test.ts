import { randomUUID } from 'node:crypto';
import { type Envelope, encodeEnvelope } from '@tickwork/task/envelope';
import { expect, test } from 'vitest';
import { createConsume } from './consume.ts';
import { createWorkerEvents } from './events.ts';

const newEnvelope = (): Envelope => ({
  id: randomUUID(),
  correlationId: randomUUID(),
  userId: randomUUID(),
  mandate: 'Do it.',
  maxTicks: 3,
  traceparent: null,
});

function createHarness(runTask: (envelope: Envelope, publishedAt: number | null) => Promise<void>) {
  const answers: string[] = [];
  const told: string[] = [];
  const events = createWorkerEvents();
  events.on('message_rejected', ({ reason }) => told.push(reason));
  const shutdown = new AbortController();
  const { onMessage, idle } = createConsume({ runTask, events, shutdown: shutdown.signal });
  const deliver = (content = encodeEnvelope(newEnvelope()), redelivered = false) =>
    onMessage({
      content,
      publishedAt: 1_800_000_000_000,
      redelivered,
      ack: () => answers.push('ack'),
      requeue: () => answers.push('requeue'),
      deadLetter: () => answers.push('deadLetter'),
    });
  return { deliver, idle, answers, told, shutdown };
}

test('a message whose task ended here is acknowledged', async () => {
  const { deliver, idle, answers } = createHarness(async () => {});
  deliver();
  await idle();
  expect(answers).toEqual(['ack']);
});

test('a message whose task could not be seen to goes back', async () => {
  const { deliver, idle, answers } = createHarness(() => Promise.reject(new Error('Redis is away')));
  deliver();
  await idle();
  expect(answers).toEqual(['requeue']);
});

test('a message that cannot be read is dead-lettered, told without its content, and stops nobody', async () => {
  const { deliver, idle, answers, told } = createHarness(async () => {});
  deliver(Buffer.from('{"mandate":"secret"'));
  deliver();
  await idle();
  expect(answers.toSorted()).toEqual(['ack', 'deadLetter']);
  expect(told).toEqual(["the envelope's body must be JSON in UTF-8"]);
});

test('a task is told when its message was published, but not of one that came before', async () => {
  const told: (number | null)[] = [];
  const { deliver, idle } = createHarness(async (_envelope, publishedAt) => void told.push(publishedAt));
  deliver();
  deliver(undefined, true);
  await idle();
  expect(told).toEqual([1_800_000_000_000, null]);
});

test('nothing is begun once the process shuts down', async () => {
  let begun = 0;
  const { deliver, idle, answers, shutdown } = createHarness(async () => void begun++);
  shutdown.abort();
  deliver();
  await idle();
  expect(begun).toBe(0);
  expect(answers).toEqual(['requeue']);
});
