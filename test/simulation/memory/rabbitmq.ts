import { encodeEnvelope } from '@tickwork/task/envelope';
import type { TaskQueue } from '@tickwork/task/ports';
import {
  createHeldConsumer,
  type HeldConsumer,
  type MemoryConsumer,
  type MemoryConsumerOptions,
  type MemoryMessage,
} from './rabbitmq/consumer.ts';

/** A queue with its dead letters, and what can go wrong with it. */
export interface MemoryQueue extends TaskQueue {
  consume(options: MemoryConsumerOptions): MemoryConsumer;
  /** Hands out one of the ready messages. False: there is none at `index`, or the consumer takes none now. */
  deliver(consumer: MemoryConsumer, index?: number): boolean;
  ready(): readonly MemoryMessage[];
  dead(): readonly MemoryMessage[];
  /** A message as it is: another program's, or a broken one. */
  put(content: Buffer): void;
  lose(index: number): void;
  duplicate(index: number): void;
  purge(): void;
  /** Away: publishes fail, and every consumer loses its channel. It has one again when the broker is back. */
  setAway(away: boolean): void;
  /** The next publish is taken, and fails all the same: the channel ends before its confirm. */
  loseNextConfirm(): void;
}

export interface MemoryQueueOptions {
  /** Hands out by itself, as a broker does; else nothing is delivered but by `deliver`. */
  readonly autoDeliver?: boolean;
  /** Of who publishes. */
  readonly wallTime: () => number;
}

/** x-delivery-limit of the queue: a message that comes back once more is dead-lettered. What is requeued counts until RabbitMQ 4.3. */
const deliveryLimit = 20;

export function createMemoryQueue({ autoDeliver = false, wallTime }: MemoryQueueOptions): MemoryQueue {
  const ready: MemoryMessage[] = [];
  const dead: MemoryMessage[] = [];
  const consumers: HeldConsumer[] = [];
  let away = false;
  let confirmIsLost = false;
  let delivering = false;

  /** To each consumer in its turn. An answer given meanwhile is seen by this same loop. */
  function deliverAll(): void {
    if (!autoDeliver || delivering) return;
    delivering = true;
    while (consumers.some((consumer) => deliver(consumer))) consumers.push(...consumers.splice(0, 1));
    delivering = false;
  }

  function deliver(consumer: MemoryConsumer, index = 0): boolean {
    const held = consumers.find((one) => one === consumer);
    const message = ready[index];
    if (away || !message || !held?.takes()) return false;
    ready.splice(index, 1);
    held.hand(message);
    return true;
  }

  function put(content: Buffer, publishedAt: number | null = null): void {
    ready.push({ content, publishedAt, returns: 0 });
    deliverAll();
  }

  /** To the head of the queue, or to the dead letters at the limit. */
  function giveBack(messages: readonly MemoryMessage[]): void {
    const returned = messages.map((message) => ({ ...message, returns: message.returns + 1 }));
    dead.push(...returned.filter(({ returns }) => returns > deliveryLimit));
    ready.unshift(...returned.filter(({ returns }) => returns <= deliveryLimit));
    deliverAll();
  }

  const deadLetter = (message: MemoryMessage) => void dead.push(message);
  const broker = { isAway: () => away, giveBack, deadLetter, answered: deliverAll };

  function consume(options: MemoryConsumerOptions): MemoryConsumer {
    const consumer = createHeldConsumer(broker, options);
    consumers.push(consumer);
    deliverAll();
    return consumer;
  }

  async function publish(...[envelope, signal]: Parameters<TaskQueue['publish']>): Promise<void> {
    if (away) throw new Error('RabbitMQ is not connected, or takes nothing');
    const lost = confirmIsLost;
    confirmIsLost = false;
    put(encodeEnvelope(envelope), wallTime());
    if (lost) throw new Error('the channel closed before the broker confirmed');
    if (signal.aborted) throw new Error('the broker did not confirm in time');
  }

  return {
    isReady: () => !away,
    publish,
    consume,
    deliver,
    ready: () => ready,
    dead: () => dead,
    put: (content) => put(content),
    lose: (index) => void ready.splice(index, 1),
    duplicate: (index) => {
      const message = ready[index];
      if (message) ready.splice(index, 0, { ...message });
    },
    purge: () => void ready.splice(0),
    setAway: (gone) => {
      away = gone;
      if (gone) for (const consumer of consumers) consumer.endChannel();
      deliverAll();
    },
    loseNextConfirm: () => {
      confirmIsLost = true;
    },
  };
}
