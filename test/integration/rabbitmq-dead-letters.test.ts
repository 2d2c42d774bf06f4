import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { DeadLetter } from '@tickwork/runtime/rabbitmq/dead-letter';
import { visitDeadLetters } from '@tickwork/runtime/rabbitmq/dead-letters';
import { decodeEnvelope, encodeEnvelope } from '@tickwork/task/envelope';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { newEnvelope } from '../conformance/envelope.ts';
import { waitFor } from '../stack/wait-for.ts';
import { createMessaging } from './rabbitmq-messaging.ts';

let messaging: Awaited<ReturnType<typeof createMessaging>>;
const { rabbitUrl: url, workerRabbitUrl: workerUrl } = inject('services');
beforeEach(async () => {
  messaging = await createMessaging({ url, workerUrl });
});
afterEach(() => messaging.close());

const clock = { wallTime: () => Date.UTC(2030, 0) };
const deadDepth = () => messaging.depth(`${messaging.queue}.dead`);

/** Messages that a worker rejects, and as many of them in the dead-letter queue. */
async function kill(...contents: Buffer[]): Promise<void> {
  const { admin, queue, consume } = messaging;
  const before = await deadDepth();
  for (const content of contents) admin.sendToQueue(queue, content, { messageId: `m-${randomUUID()}` });
  const rejecting = consume((delivery) => delivery.deadLetter());
  await waitFor('the dead letters', async () => (await deadDepth()) === before + contents.length);
  await rejecting.consumer.close();
}

const program = resolve(import.meta.dirname, '../../services/gateway/src/dead-letters.ts');
/** As `make dead-letters` runs it. */
function run(env: Record<string, string>) {
  const all = { PATH: process.env['PATH'] ?? '', RABBITMQ_URL: url, RABBITMQ_QUEUE: messaging.queue, ...env };
  return new Promise<{ ok: boolean; stdout: string; stderr: string }>((done) =>
    execFile(process.execPath, [program], { env: all, timeout: 30_000 }, (error, stdout, stderr) =>
      done({ ok: error === null, stdout, stderr }),
    ),
  );
}

/** All that there are, and each kept. */
async function look(): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  const decide = (letter: DeadLetter) => {
    letters.push(letter);
    return 'keep' as const;
  };
  await visitDeadLetters({ url, queue: messaging.queue, decide, clock });
  return letters;
}

test('the list names each with its reason, time and size, never with what its user wrote, and leaves it where it is', async () => {
  const envelope = { ...newEnvelope(), mandate: 'my secret plan' };
  const text = encodeEnvelope(envelope).toString();
  await kill(
    Buffer.from(text),
    Buffer.from('{"mandate":"my secret'),
    Buffer.from(text.replace(/"max_ticks":\d+/, '"max_ticks":0')),
  );
  for (const _time of [1, 2]) {
    const { ok, stdout } = await run({});
    expect(ok).toBe(true);
    const [first, second, third, last] = stdout.split('\n');
    expect(first).toMatch(`#1  ${envelope.correlationId} m-`);
    expect(first).toMatch(/ {2}rejected {2}20\d\d-\d\d-\d\dT[\d:.]+Z {2}\d+ bytes {2}readable$/);
    expect(second).toMatch(
      /^#2 {2}m-[\w-]+ sha256:\w{16} {2}rejected .* {2}21 bytes {2}the envelope's body must be JSON in UTF-8$/,
    );
    expect(third).toMatch(`#3  ${envelope.correlationId} m-`);
    expect(third).toMatch(/the envelope's max_ticks must be/);
    expect(last).toBe('3 dead letters');
    expect(stdout).not.toMatch('secret');
  }
  await waitFor('all to be back', async () => (await deadDepth()) === 3);
});

test('one is requeued by its correlation_id, as it was, and the others stay in their order', async () => {
  const envelopes = [newEnvelope(), newEnvelope(), newEnvelope()];
  await kill(...envelopes.map(encodeEnvelope));
  const id = envelopes[1]?.correlationId ?? '';
  expect(await run({ ACTION: 'requeue', ID: id })).toMatchObject({
    ok: true,
    stdout: expect.stringMatching(/\n1 requeued\n$/),
  });
  const { content, properties } = await messaging.take();
  expect(decodeEnvelope(content)).toEqual(envelopes[1]);
  expect(properties).toMatchObject({ deliveryMode: 2, messageId: expect.stringMatching(/^m-/), headers: {} });
  const left = await look();
  expect(left.map(({ names }) => names[0])).toEqual([
    envelopes[0]?.correlationId,
    envelopes[2]?.correlationId,
  ]);
});

test('one that is requeued waits from now on, not since it was first published', async () => {
  await messaging.publisher.publish(newEnvelope(), AbortSignal.timeout(5000));
  const rejecting = messaging.consume((delivery) => delivery.deadLetter());
  await waitFor('a dead letter', async () => (await deadDepth()) === 1);
  await rejecting.consumer.close();
  await visitDeadLetters({ url, queue: messaging.queue, decide: () => 'requeue', clock });
  const { received } = messaging.consume(() => {});
  const delivery = await waitFor('it', () => received[0]);
  expect(delivery.redelivered).toBe(false);
  expect(delivery.publishedAt).toBe(clock.wallTime());
});

test('all are requeued once, also what dies again meanwhile', async () => {
  await kill(encodeEnvelope(newEnvelope()), Buffer.from('broken'), encodeEnvelope(newEnvelope()));
  const rejecting = messaging.consume((delivery) => delivery.deadLetter());
  expect((await run({ ACTION: 'requeue', ALL: '1' })).stdout).toMatch(/\n3 requeued\n$/);
  await waitFor('all to have died again', async () => (await deadDepth()) === 3);
  expect(rejecting.received).toHaveLength(3);
});

test('one that nobody can read is dropped by the hash that the list shows, and all by ALL', async () => {
  await kill(Buffer.from('broken'), Buffer.from('broken too'), encodeEnvelope(newEnvelope()));
  const hash = (await look())[0]?.names.at(-1) ?? '';
  expect((await run({ ACTION: 'drop', ID: hash })).stdout).toMatch(/\n1 dropped\n$/);
  await waitFor('two', async () => (await deadDepth()) === 2);
  expect((await run({ ACTION: 'drop', ALL: '1' })).stdout).toMatch(/\n2 dropped\n$/);
  expect(await deadDepth()).toBe(0);
  expect(await messaging.depth()).toBe(0);
});

test('one that no queue takes stays', async () => {
  await kill(encodeEnvelope(newEnvelope()));
  await messaging.admin.deleteQueue(messaging.queue);
  const { ok, stderr } = await run({ ACTION: 'requeue', ALL: '1' });
  expect([ok, stderr]).toEqual([false, 'no queue took the message\n']);
  await waitFor('it to be back', async () => (await deadDepth()) === 1);
});

test('one that is looked at again and again is never dropped by the broker for it', async () => {
  const { admin, queue } = messaging;
  await kill(encodeEnvelope(newEnvelope()), Buffer.from('broken'));
  const [before] = await look();
  let mostReturns = 0;
  for (let time = 0; time < 25; time++) {
    await look();
    const message = await waitFor('one', async () => (await admin.get(`${queue}.dead`)) || null);
    mostReturns = Math.max(mostReturns, Number(message.properties.headers?.['x-delivery-count'] ?? 0));
    admin.nack(message);
    await waitFor('it to be back', async () => (await deadDepth()) === 2);
  }
  expect(mostReturns).toBeGreaterThan(0);
  expect(mostReturns).toBeLessThan(19);
  expect((await look()).find(({ names }) => names[0] === before?.names[0])).toMatchObject({
    reason: 'rejected',
    diedAt: before?.diedAt,
  });
});

test.each([
  [{ ACTION: 'burn' }, 'ACTION must be one of list, requeue, drop'],
  [{ ACTION: 'drop' }, 'ID or ALL=1 must be set to drop, and not both'],
  [{ ACTION: 'requeue', ID: 'x', ALL: '1' }, 'ID or ALL=1 must be set to requeue, and not both'],
  [{ ACTION: 'drop', ALL: 'yes' }, 'ALL must match'],
  [{ RABBITMQ_URL: '' }, 'RABBITMQ_URL must be a URL'],
  [{ ACTION: 'drop', ID: 'x' }, 'has this ID'],
])('%j is refused', async (env, told) => {
  const { ok, stderr } = await run(env);
  expect(ok).toBe(false);
  expect(stderr).toMatch(told);
});
