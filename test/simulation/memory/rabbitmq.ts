import type { Consumer, Delivery } from '@tickwork/runtime/rabbitmq/consumer';
import { encodeEnvelope } from '@tickwork/task/envelope';
import type { TaskQueue } from '@tickwork/task/ports';

export interface MemoryMessage {
  readonly content: Buffer;
  /** How often it came back. */
  readonly returns: number;
}

export interface MemoryConsumerOptions {
  /** How many messages may be unanswered at once. */
  readonly prefetch: number;
  readonly onMessage: (delivery: Delivery) => void;
}

/** Its `close()` is what a consumer's death is to the broker: what it did not answer is given back. */
export interface MemoryConsumer extends Consumer {
  readonly unanswered: ReadonlySet<MemoryMessage>;
}

export interface MemoryQueue extends TaskQueue {
  consume(options: MemoryConsumerOptions): MemoryConsumer;
  /** Hands out one of the ready messages. False: there is none at `index`, or the consumer takes none now. */
  deliver(consumer: MemoryConsumer, index?: number): boolean;
  ready(): readonly MemoryMessage[];
  dead(): readonly MemoryMessage[];
  /** Another program's message, or a broken one. */
  put(content: Buffer): void;
  lose(index: number): void;
  duplicate(index: number): void;
  purge(): void;
  /** Away: publishes fail, and every consumer loses its connection; each is back when the broker is. */
  setAway(away: boolean): void;
  /** The next publish is taken, and fails all the same: the connection is lost before its confirm. */
  loseNextConfirm(): void;
}

export interface MemoryQueueOptions {
  /** As a broker does; else nothing is delivered but by `deliver`. */
  readonly autoDeliver?: boolean;
}

/** x-delivery-limit of the queue: the message is dead-lettered when it comes back once more. */
const deliveryLimit = 20;

/** A quorum queue with its dead letters, and what can go wrong with it. */
export function createMemoryQueue({ autoDeliver = false }: MemoryQueueOptions = {}): MemoryQueue {
  let ready: MemoryMessage[] = [];
  const dead: MemoryMessage[] = [];
  const consumers: HeldConsumer[] = [];
  let away = false;
  let confirmIsLost = false;
  let pumping = false;

  /** Hands out what can be, each consumer in its turn. */
  function pump(): void {
    if (!autoDeliver || pumping) return;
    pumping = true;
    while (consumers.some((consumer) => deliver(consumer, 0))) consumers.push(...consumers.splice(0, 1));
    pumping = false;
  }

  function add(content: Buffer): void {
    ready.push({ content, returns: 0 });
    pump();
  }

  /** To the head of the queue, or to the dead letters at the limit. */
  function giveBack(messages: Iterable<MemoryMessage>): void {
    const returned = Array.from(messages, ({ content, returns }) => ({ content, returns: returns + 1 }));
    dead.push(...returned.filter(({ returns }) => returns > deliveryLimit));
    ready.unshift(...returned.filter(({ returns }) => returns <= deliveryLimit));
    pump();
  }

  function deliver(consumer: MemoryConsumer, index = 0): boolean {
    const held = consumers.find((one) => one === consumer);
    const message = ready[index];
    if (away || !message || !held?.takes()) return false;
    ready.splice(index, 1);
    held.hand(message);
    return true;
  }

  function consume({ prefetch, onMessage }: MemoryConsumerOptions): MemoryConsumer {
    const unanswered = new Set<MemoryMessage>();
    let stopped = false;
    let closed = false;

    const lose = () => {
      const messages = [...unanswered];
      unanswered.clear();
      giveBack(messages);
    };
    const hand = (message: MemoryMessage) => {
      unanswered.add(message);
      const answer = (action: () => void) => () => {
        if (unanswered.delete(message)) action();
        pump();
      };
      onMessage({
        content: message.content,
        ack: answer(() => {}),
        requeue: answer(() => giveBack([message])),
        deadLetter: answer(() => dead.push(message)),
      });
    };
    const consumer: HeldConsumer = {
      unanswered,
      takes: () => !stopped && !closed && unanswered.size < prefetch,
      hand,
      lose,
      isConsuming: () => !away && !stopped && !closed,
      isLive: () => true,
      stop: async () => {
        stopped = true;
      },
      close: async () => {
        closed = true;
        lose();
      },
    };
    consumers.push(consumer);
    pump();
    return consumer;
  }

  async function publish(...[envelope, signal]: Parameters<TaskQueue['publish']>): Promise<void> {
    if (away) throw new Error('RabbitMQ is not connected, or takes nothing');
    const lost = confirmIsLost;
    confirmIsLost = false;
    add(encodeEnvelope(envelope));
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
    put: add,
    lose: (index) => void ready.splice(index, 1),
    duplicate: (index) => void ready.splice(index, 0, ...ready.slice(index, index + 1)),
    purge: () => {
      ready = [];
    },
    setAway: (gone) => {
      away = gone;
      if (gone) for (const consumer of consumers) consumer.lose();
      pump();
    },
    loseNextConfirm: () => {
      confirmIsLost = true;
    },
  };
}

interface HeldConsumer extends MemoryConsumer {
  takes(): boolean;
  hand(message: MemoryMessage): void;
  /** Its connection ends: what is unanswered goes back, and answers to it count no more. */
  lose(): void;
}
