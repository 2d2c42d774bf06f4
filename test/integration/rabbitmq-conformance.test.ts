import { inject } from 'vitest';
import { describeQueue } from '../conformance/queue.ts';
import { createMessaging } from './rabbitmq-messaging.ts';

describeQueue('RabbitMQ', async () => {
  const { rabbitUrl: url, workerRabbitUrl: workerUrl } = inject('services');
  const { publisher, consume, depth, queue, close } = await createMessaging({ url, workerUrl });
  return {
    queue: publisher,
    consume: (onMessage, options) => consume(onMessage, options).consumer,
    ready: () => depth(),
    dead: () => depth(`${queue}.dead`),
    close,
  };
});
