import type { Consumer, Delivery } from '@tickwork/runtime/rabbitmq/consumer';
import { decodeEnvelope, type Envelope } from '@tickwork/task/envelope';
import type { TaskQueue } from '@tickwork/task/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../stack/wait-for.ts';
import { newEnvelope } from './envelope.ts';

/** An empty queue that hands out by itself, real or in memory. */
export interface QueueUnderTest {
  readonly queue: TaskQueue;
  consume(onMessage: (delivery: Delivery) => void, options?: { readonly prefetch?: number }): Consumer;
  /** How many messages wait for a consumer. */
  ready(): Promise<number>;
  /** How many dead letters there are. */
  dead(): Promise<number>;
  close(): Promise<void>;
}

/** What a TaskQueue and its consumers must do, over whatever `create` gives. */
export function describeQueue(name: string, create: () => Promise<QueueUnderTest>): void {
  describe(name, () => {
    let given: QueueUnderTest;
    beforeEach(async () => {
      given = await create();
    });
    afterEach(() => given.close());

    async function publish(count = 1): Promise<Envelope[]> {
      const envelopes = Array.from({ length: count }, newEnvelope);
      for (const envelope of envelopes) await given.queue.publish(envelope, AbortSignal.timeout(5000));
      return envelopes;
    }

    /** Consumes, and keeps what comes; `answer` is given how many that were. */
    function receive(answer: (delivery: Delivery, nth: number) => void, prefetch = 10) {
      const received: Delivery[] = [];
      const consumer = given.consume(
        (delivery) => {
          answer(delivery, received.push(delivery));
        },
        { prefetch },
      );
      return { consumer, received };
    }

    const count = (what: string, wanted: number, counted: () => Promise<number> | number) =>
      waitFor(`${what} to be ${wanted}`, async () => (await counted()) === wanted, { everyMs: 10 });
    const waitForMessages = ({ received }: { received: readonly Delivery[] }, wanted: number) =>
      count('messages', wanted, () => received.length);

    // An acknowledgement right before the end of its connection can be lost, so none is the last word here.
    test('[I1] what was published is handed out as it was, in its order, and acknowledged it is gone', async () => {
      const envelopes = await publish(4);
      expect(await given.ready()).toBe(4);
      const all = receive((delivery, nth) => nth < 4 && delivery.ack(), 1);
      await waitForMessages(all, 4);
      expect(all.received.map(({ content }) => decodeEnvelope(content))).toEqual(envelopes);
      await all.consumer.close();
      await count('ready', 1, given.ready);
      expect(await given.dead()).toBe(0);
    });

    test('a publish whose signal has aborted rejects, and may be taken all the same', async () => {
      const call = given.queue.publish(newEnvelope(), AbortSignal.abort());
      await expect(call).rejects.toThrow('did not confirm in time');
      await count('ready', 1, given.ready);
    });

    test('a message tells when it was published, to the millisecond, and whether it was handed out before', async () => {
      const before = Date.now();
      await publish();
      const after = Date.now();
      const all = receive((delivery, nth) => nth === 1 && delivery.requeue());
      await waitForMessages(all, 2);
      const [first, second] = all.received;
      expect(first?.publishedAt).toBeGreaterThanOrEqual(before);
      expect(first?.publishedAt).toBeLessThanOrEqual(after);
      expect(second?.publishedAt).toBe(first?.publishedAt);
      expect([first?.redelivered, second?.redelivered]).toEqual([false, true]);
      await all.consumer.close();
      await count('ready', 1, given.ready);
      const next = receive(() => {});
      await waitForMessages(next, 1);
      expect(next.received[0]?.redelivered).toBe(true);
    });

    test('what is requeued comes again', async () => {
      const [envelope] = await publish();
      const all = receive((delivery, nth) => nth < 3 && delivery.requeue());
      await waitForMessages(all, 3);
      for (const { content } of all.received) expect(decodeEnvelope(content)).toEqual(envelope);
    });

    test('[I5] what is dead-lettered is kept beside the queue, and comes no more', async () => {
      const [, second] = await publish(2);
      const all = receive((delivery, nth) => nth === 1 && delivery.deadLetter(), 1);
      await waitForMessages(all, 2);
      expect(decodeEnvelope(all.received[1]?.content ?? Buffer.of())).toEqual(second);
      await count('dead letters', 1, given.dead);
      await all.consumer.close();
      await count('ready', 1, given.ready);
    });

    test('no more than the prefetch is unanswered at once', async () => {
      await publish(3);
      const all = receive(() => {}, 2);
      await waitForMessages(all, 2);
      expect(await given.ready()).toBe(1);
      all.received[0]?.ack();
      await waitForMessages(all, 3);
    });

    test('several consumers share what is there', async () => {
      const [one, two] = [receive(() => {}, 1), receive(() => {}, 1)];
      await publish(3);
      await waitForMessages(one, 1);
      await waitForMessages(two, 1);
      expect(await given.ready()).toBe(1);
      const [first, second] = [one, two].map(({ received }) => received[0]?.content.toString());
      expect(first).not.toBe(second);
    });

    test('[I1] what a consumer did not answer before its death is handed out again; its answers count no more', async () => {
      const [envelope] = await publish();
      const dying = receive(() => {});
      await waitForMessages(dying, 1);
      await dying.consumer.close();
      await count('ready', 1, given.ready);
      for (const answer of ['ack', 'requeue', 'deadLetter'] as const) dying.received[0]?.[answer]();
      const next = receive(() => {});
      await waitForMessages(next, 1);
      expect(decodeEnvelope(next.received[0]?.content ?? Buffer.of())).toEqual(envelope);
      dying.received[0]?.ack();
      await next.consumer.close();
      await count('ready', 1, given.ready);
      expect(await given.dead()).toBe(0);
    });

    test('[I1] an answer given twice ends the channel: what is unanswered comes again', async () => {
      await publish(2);
      const all = receive(() => {});
      await waitForMessages(all, 2);
      all.received[0]?.ack();
      all.received[0]?.ack();
      await waitForMessages(all, 3);
      expect(all.received[2]?.content).toEqual(all.received[1]?.content);
      all.received[1]?.deadLetter();
      await all.consumer.close();
      await count('ready', 1, given.ready);
      expect(await given.dead()).toBe(0);
    });

    test('what came by a channel that ended keeps its place until it is answered: no message waits where none is free', async () => {
      await publish(3);
      const all = receive(() => {}, 3);
      await waitForMessages(all, 3);
      const [first, second, third] = all.received;
      first?.ack();
      first?.ack(); // the broker ends the channel
      await waitForMessages(all, 4);
      expect(all.received[3]?.content).toEqual(second?.content);
      expect(await given.ready()).toBe(1);
      second?.ack();
      await waitForMessages(all, 5);
      expect(all.received[4]?.content).toEqual(third?.content);
      third?.requeue();
      await publish(2);
      await waitForMessages(all, 6);
      expect(await given.ready()).toBe(1);
      all.received[3]?.ack();
      await waitForMessages(all, 7);
    });

    test('a consumer that stopped gets nothing more, and may still answer', async () => {
      await publish();
      const all = receive(() => {});
      await waitForMessages(all, 1);
      expect(all.consumer.isConsuming()).toBe(true);
      await all.consumer.stop();
      expect(all.consumer.isConsuming()).toBe(false);
      await publish();
      all.received[0]?.requeue();
      await count('ready', 2, given.ready);
      expect(all.received).toHaveLength(1);
    });

    test('[I5] a message that comes back for the 21st time is a dead letter', async () => {
      await publish();
      for (let returns = 0; returns < 21; returns++) {
        await count('ready', 1, given.ready);
        const dying = receive(() => {});
        await waitForMessages(dying, 1);
        await dying.consumer.close();
      }
      await count('dead letters', 1, given.dead);
      expect(await given.ready()).toBe(0);
    });
  });
}
