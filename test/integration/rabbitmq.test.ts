import { startAdminServer } from '@tickwork/runtime/process/admin-server';
import { createRegistry } from '@tickwork/runtime/telemetry/metrics';
import { encodeEnvelope } from '@tickwork/task/envelope';
import amqplib from 'amqplib';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { newEnvelope } from '../conformance/envelope.ts';
import { waitFor } from '../stack/wait-for.ts';
import { createMessaging, limit } from './rabbitmq-messaging.ts';

let messaging: Awaited<ReturnType<typeof createMessaging>>;
const create = async () => {
  const { rabbitUrl: url, workerRabbitUrl: workerUrl } = inject('services');
  messaging = await createMessaging({ url, workerUrl });
  return messaging;
};
afterEach(() => messaging.close());

describe('a publish', () => {
  test('is persistent, and carries its trace', async () => {
    const { publisher, take } = await create();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await publisher.publish({ ...newEnvelope(), traceparent }, limit());
    const { properties } = await take();
    expect(properties).toMatchObject({ deliveryMode: 2, contentType: 'application/json' });
    expect(properties.headers).toMatchObject({ traceparent });
  });

  test('by an older publisher, or with another header, tells no time', async () => {
    const { admin, queue, consume } = await create();
    for (const headers of [{}, { published_at_ms: 'soon' }, { published_at_ms: 1 }]) {
      admin.sendToQueue(queue, encodeEnvelope(newEnvelope()), { headers });
    }
    const { received } = consume(() => {});
    await waitFor('all', () => received.length === 3);
    expect(received.map(({ publishedAt }) => publishedAt)).toEqual([null, null, null]);
  });

  test('that no queue takes is refused', async () => {
    const { publisher, admin, queue } = await create();
    await admin.deleteQueue(queue);
    await expect(publisher.publish(newEnvelope(), limit())).rejects.toThrow('no queue took the message');
  });
});

describe('a consumer', () => {
  test('whose channel closed alone has another soon, and answers to the old one are harmless', async () => {
    const { publisher, consume } = await create();
    const { consumer, received, errors } = consume(() => {});
    await publisher.publish(newEnvelope(), limit());
    const first = await waitFor('a delivery', () => received[0]);
    first.ack();
    first.ack(); // unknown by now: the broker closes the channel
    await waitFor('the channel to close', () => errors.some((error) => /PRECONDITION/.test(String(error))));
    await publisher.publish(newEnvelope(), limit());
    const second = await waitFor('a delivery on the new channel', () => received[1]);
    first.ack();
    first.requeue();
    second.ack();
    expect(consumer.isConsuming()).toBe(true);
  });

  test('whose queue is gone waits for it, and is live', async () => {
    const { consume, admin, queue, declare } = await create();
    const { consumer, errors } = consume(() => {});
    await waitFor('the consumer', () => consumer.isConsuming());
    await admin.deleteQueue(queue);
    await waitFor('the consumer to be told', () => !consumer.isConsuming());
    await waitFor('a try that fails', () => errors.some((error) => /NOT_FOUND/.test(String(error))));
    expect(consumer.isLive()).toBe(true);
    await declare();
    await waitFor('the consumer to be back', () => consumer.isConsuming());
  });

  test('whose queue is gone for too long is not live, as its admin port tells, until the queue is there', async () => {
    const { consume, admin, queue, declare } = await create();
    const { consumer } = consume(() => {}, { longestWithoutConsumerMs: 300 });
    const { isLive } = consumer;
    const registry = createRegistry();
    const server = await startAdminServer({
      host: '127.0.0.1',
      port: 0,
      registry,
      isLive,
      isReady: () => true,
    });
    const live = async () => (await fetch(`http://127.0.0.1:${server.port}/live`)).status;
    await waitFor('the consumer', () => consumer.isConsuming());
    expect(await live()).toBe(200);
    await admin.deleteQueue(queue);
    await waitFor('it to be not live', async () => (await live()) === 503);
    await declare();
    await waitFor('it to be live', async () => (await live()) === 200);
    expect(consumer.isConsuming()).toBe(true);
    await server.close();
  });

  test('that has no place free consumes nothing on a new channel, is live, and goes on with the first that is', async () => {
    const { publisher, consume, admin, queue, depth, declare } = await create();
    const { consumer, received } = consume(() => {}, { prefetch: 2, longestWithoutConsumerMs: 0 });
    await publisher.publish(newEnvelope(), limit());
    await publisher.publish(newEnvelope(), limit());
    await waitFor('both', () => received.length === 2);
    await admin.deleteQueue(queue);
    await waitFor('the channel to end', () => !consumer.isConsuming());
    await declare();
    await Promise.all(
      [newEnvelope(), newEnvelope(), newEnvelope()].map((one) => publisher.publish(one, limit())),
    );
    const other = consume(() => {}, { prefetch: 1 });
    await waitFor('another to have one', () => other.received[0]);
    expect(received).toHaveLength(2);
    expect(await depth()).toBe(2);
    expect([consumer.isConsuming(), consumer.isLive()]).toEqual([false, true]);
    await other.consumer.close();
    received[0]?.ack();
    await waitFor('one', () => received.length === 3);
    expect(consumer.isConsuming()).toBe(true);
    received[1]?.requeue();
    await waitFor('another', () => received.length === 4);
    received[2]?.ack();
    await waitFor('the last', () => received.length === 5);
  });
});

describe("a worker's user", () => {
  const asWorker = async () => {
    const connection = await amqplib.connect(inject('services').workerRabbitUrl);
    const channel = await connection.createChannel();
    const refused = new Promise<string>((resolve) => channel.on('error', ({ message }) => resolve(message)));
    return { channel, refused, close: () => connection.close() };
  };

  test('may not declare', async () => {
    const { queue } = await create();
    const { channel, close } = await asWorker();
    await expect(channel.assertQueue(`${queue}.other`)).rejects.toThrow('ACCESS_REFUSED');
    await close();
  });

  test('may not publish', async () => {
    const { queue, depth } = await create();
    const { channel, refused, close } = await asWorker();
    channel.sendToQueue(queue, Buffer.from('{}'));
    expect(await refused).toMatch('ACCESS_REFUSED');
    expect(await depth()).toBe(0);
    await close();
  });
});
