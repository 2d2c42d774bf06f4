import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newEnvelope } from '../conformance/envelope.ts';
import { freePort } from '../stack/ports.ts';
import { startRabbit } from '../stack/rabbitmq.ts';
import { pause, resume, stackFolder } from '../stack/state.ts';
import { waitFor } from '../stack/wait-for.ts';
import { createMessaging, limit } from './rabbitmq-messaging.ts';

// A dead letter that no queue took is tried again after three minutes.
const settings = { dead_letter_worker_publisher_confirm_timeout: 500 };

let folder: string;
let port: number;
let broker: Awaited<ReturnType<typeof startRabbit>>;
let messaging: Awaited<ReturnType<typeof createMessaging>>;
beforeAll(async () => {
  folder = await mkdtemp(join(stackFolder, 'test-rabbitmq-'));
  port = await freePort();
  broker = await startRabbit({ folder, port, settings });
  messaging = await createMessaging(broker);
}, 120_000);
afterAll(async () => {
  await messaging.close();
  await broker.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a broker that restarts: a publish fails at once meanwhile, and what was queued is still there', async () => {
  const { publisher, consume } = messaging;
  const kept = consume(() => {});
  const envelope = newEnvelope();
  await publisher.publish(envelope, limit());
  const before = await waitFor('a delivery', () => kept.received[0]);

  await broker.stop();
  await waitFor('the publisher to notice', () => !publisher.isReady());
  await waitFor('the consumer to notice', () => !kept.consumer.isConsuming());
  await expect(publisher.publish(newEnvelope(), limit())).rejects.toThrow('not connected');
  expect(kept.consumer.isLive()).toBe(true);
  before.ack();

  broker = await startRabbit({ folder, port, settings });
  await waitFor('the publisher to be back', publisher.isReady);
  const again = await waitFor('the delivery again', () => kept.received[1]);
  expect(again.content).toEqual(before.content);
  again.ack();
  await publisher.publish(newEnvelope(), limit());
  await waitFor('a new delivery', () => kept.received[2]);
}, 120_000);

test('[I5] a dead letter that no queue takes is kept, and tried again', async () => {
  const own = await createMessaging(broker);
  const { publisher, consume, admin, queue, depth, declare } = own;
  await admin.deleteQueue(`${queue}.dead`);
  const envelope = newEnvelope();
  const rejecting = consume((delivery) => delivery.deadLetter());
  await publisher.publish(envelope, limit());
  await waitFor('it to be rejected', () => rejecting.received[0]);
  await rejecting.consumer.close();
  await declare();
  await waitFor('the dead letter', async () => (await depth(`${queue}.dead`)) === 1);
  expect(await depth()).toBe(0);
  await own.close();
});

test('a broker that hangs: a publish ends with its signal, and closing takes 2 s at most', async () => {
  const { publisher, consume } = messaging;
  const { consumer } = consume((delivery) => delivery.ack());
  await waitFor('the consumer', () => consumer.isConsuming());
  await pause(broker.child);
  try {
    await expect(publisher.publish(newEnvelope(), limit(200))).rejects.toThrow('did not confirm in time');
    const start = performance.now();
    await consumer.close();
    expect(performance.now() - start).toBeLessThan(3000);
  } finally {
    resume(broker.child);
  }
});
