import type { Delivery } from '@tickwork/runtime/rabbitmq/consumer';
import { describe, expect, test } from 'vitest';
import { newEnvelope } from '../../conformance/envelope.ts';
import { describeQueue } from '../../conformance/queue.ts';
import { createMemoryQueue } from './rabbitmq.ts';

const { signal: open } = new AbortController();

describeQueue('RabbitMQ in memory', async () => {
  const queue = createMemoryQueue({ autoDeliver: true, wallTime: Date.now });
  return {
    queue,
    consume: (onMessage, { prefetch = 10 } = {}) => queue.consume({ prefetch, onMessage }),
    ready: async () => queue.ready().length,
    dead: async () => queue.dead().length,
    close: async () => {},
  };
});

describe('a fault', () => {
  const content = (text: string) => Buffer.from(text);
  const texts = (messages: readonly { content: Buffer }[]) => messages.map((one) => one.content.toString());
  function create(...messages: string[]) {
    const queue = createMemoryQueue({ wallTime: Date.now });
    for (const message of messages) queue.put(content(message));
    const received: Delivery[] = [];
    const consumer = queue.consume({ prefetch: 2, onMessage: (delivery) => received.push(delivery) });
    return { queue, consumer, received };
  }

  test('nothing is delivered by itself, and what is, in the order of the caller', () => {
    const { queue, consumer, received } = create('a', 'b', 'c', 'd');
    expect(received).toEqual([]);
    expect(queue.deliver(consumer, 2)).toBe(true);
    expect(queue.deliver(consumer)).toBe(true);
    expect(queue.deliver(consumer)).toBe(false);
    expect(texts(received)).toEqual(['c', 'a']);
    received[0]?.ack();
    expect(queue.deliver(consumer, 2)).toBe(false);
    expect(texts([...consumer.unanswered])).toEqual(['a']);
  });

  test('a message is lost, doubled, or all are', () => {
    const { queue, consumer, received } = create('a', 'b', 'c');
    queue.lose(1);
    queue.duplicate(0);
    queue.duplicate(7);
    expect(texts(queue.ready())).toEqual(['a', 'a', 'c']);
    expect([queue.deliver(consumer), queue.deliver(consumer)]).toEqual([true, true]);
    received[0]?.ack();
    expect(consumer.unanswered.size).toBe(1);
    queue.purge();
    expect(queue.ready()).toEqual([]);
  });

  test('a broker that is away takes nothing, hands out nothing, and has back what was unanswered', async () => {
    const { queue, consumer, received } = create('a');
    queue.deliver(consumer);
    queue.setAway(true);
    expect([queue.isReady(), consumer.isConsuming(), queue.deliver(consumer)]).toEqual([false, false, false]);
    await expect(queue.publish(newEnvelope(), open)).rejects.toThrow('not connected');
    received[0]?.ack();
    queue.setAway(false);
    expect([queue.isReady(), consumer.isConsuming(), queue.deliver(consumer)]).toEqual([true, true, true]);
    expect(texts(received)).toEqual(['a', 'a']);
  });

  test('a publish whose confirm is lost was taken all the same, and the next is confirmed', async () => {
    const { queue } = create();
    queue.loseNextConfirm();
    await expect(queue.publish(newEnvelope(), open)).rejects.toThrow('before the broker confirmed');
    await expect(queue.publish(newEnvelope(), open)).resolves.toBeUndefined();
    expect(queue.ready()).toHaveLength(2);
  });
});
