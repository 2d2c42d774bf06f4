import { randomUUID } from 'node:crypto';
import { createClock } from '@tickwork/runtime/process/clock';
import { type ConsumerOptions, createConsumer, type Delivery } from '@tickwork/runtime/rabbitmq/consumer';
import { createPublisher } from '@tickwork/runtime/rabbitmq/publisher';
import { declareTopology } from '@tickwork/runtime/rabbitmq/topology';
import amqplib from 'amqplib';
import { waitFor } from '../stack/wait-for.ts';

export const limit = (ms = 5000): AbortSignal => AbortSignal.timeout(ms);

/** A publisher, any number of consumers, and an administrator's own connection, over a queue of a test's own. */
export async function createMessaging({ url, workerUrl }: { url: string; workerUrl: string }) {
  const queue = `test.${randomUUID()}`;
  const connection = await amqplib.connect(url);
  connection.on('error', () => {});
  const admin = await connection.createChannel();
  const closers: (() => Promise<void>)[] = [];
  const unexpected = (error: Error) => {
    throw error;
  };
  const publisher = createPublisher({
    url,
    queue,
    connectionName: 'test-publisher',
    clock: createClock(),
    onError: () => {},
    onUnsupported: unexpected,
  });
  closers.push(publisher.close);

  function consume(
    onMessage: (delivery: Delivery) => void,
    {
      prefetch = 10,
      ...limits
    }: Partial<Pick<ConsumerOptions, 'prefetch' | 'longestWithoutConsumerMs'>> = {},
  ) {
    const received: Delivery[] = [];
    const errors: unknown[] = [];
    const consumer = createConsumer({
      url: workerUrl,
      queue,
      prefetch,
      ...limits,
      connectionName: 'test-consumer',
      onMessage: (delivery) => {
        received.push(delivery);
        onMessage(delivery);
      },
      onError: (error) => errors.push(error),
      onUnsupported: unexpected,
    });
    closers.push(consumer.close);
    return { consumer, received, errors };
  }

  await waitFor('the publisher', publisher.isReady);
  return {
    queue,
    admin,
    publisher,
    consume,
    declare: () => declareTopology(admin, queue),
    /** Messages that wait for a consumer. */
    depth: async (name = queue) => (await admin.checkQueue(name)).messageCount,
    take: () => waitFor('a message', async () => (await admin.get(queue, { noAck: true })) || null),
    close: async () => {
      await Promise.all(closers.map((close) => close()));
      await admin.deleteQueue(queue).catch(() => {});
      await admin.deleteQueue(`${queue}.dead`).catch(() => {});
      await connection.close().catch(() => {});
    },
  };
}
