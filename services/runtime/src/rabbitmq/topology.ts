import type { Channel } from 'amqplib';

/** Where the dead letters of a queue are kept. */
export const deadQueueOf = (queue: string): string => `${queue}.dead`;

/**
 * Declares the queue and, behind it, `<queue>.dead` for what cannot be read or comes back too often. A dead letter goes there by the
 * default exchange, which is always there, bound to every queue, and can't be deleted. Only the gateway and the reconciler do; a worker's
 * user may not. Arguments never change: RabbitMQ refuses a queue that is declared again with others.
 */
export async function declareTopology(channel: Channel, queue: string): Promise<void> {
  const dead = deadQueueOf(queue);
  await channel.assertQueue(dead, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': 20,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': dead,
      // At-least-once dead-lettering works only with this overflow.
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  });
}
