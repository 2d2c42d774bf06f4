import type { Consumer, Delivery } from '@tickwork/runtime/rabbitmq/consumer';

export interface MemoryMessage {
  readonly content: Buffer;
  readonly publishedAt: number | null;
  /** How often it came back. */
  readonly returns: number;
}

export interface MemoryConsumerOptions {
  /** How many messages may be unanswered at once, those of channels that have ended included. */
  readonly prefetch: number;
  readonly onMessage: (delivery: Delivery) => void;
}

/** Its `close()` is what a consumer's death is to the broker: what it did not answer is given back. */
export interface MemoryConsumer extends Consumer {
  readonly unanswered: ReadonlySet<MemoryMessage>;
}

/** What the broker does with a consumer. */
export interface HeldConsumer extends MemoryConsumer {
  takes(): boolean;
  hand(message: MemoryMessage): void;
  /** Its channel ends: what is unanswered goes back, and answers to it count no more. */
  endChannel(): void;
}

/** What a consumer does to its broker. */
export interface Broker {
  isAway(): boolean;
  giveBack(messages: readonly MemoryMessage[]): void;
  deadLetter(message: MemoryMessage): void;
  /** The consumer may have room for more. */
  answered(): void;
}

export function createHeldConsumer(broker: Broker, options: MemoryConsumerOptions): HeldConsumer {
  const { prefetch, onMessage } = options;
  const unanswered = new Set<MemoryMessage>();
  /** Unanswered deliveries, of whatever channel. */
  let held = 0;
  let channel = 0;
  let state: 'consuming' | 'stopped' | 'closed' = 'consuming';

  function endChannel(): void {
    channel++;
    const messages = [...unanswered];
    unanswered.clear();
    broker.giveBack(messages);
  }

  function hand(message: MemoryMessage): void {
    const handedOn = channel;
    let answered = false;
    const answer = (action: () => void) => () => {
      if (!answered) held--;
      answered = true;
      if (handedOn === channel) {
        // The broker closes a channel that answers twice.
        if (!unanswered.delete(message)) return endChannel();
        action();
      }
      broker.answered();
    };
    held++;
    unanswered.add(message);
    onMessage({
      content: message.content,
      publishedAt: message.publishedAt,
      redelivered: message.returns > 0,
      ack: answer(() => {}),
      requeue: answer(() => broker.giveBack([message])),
      deadLetter: answer(() => broker.deadLetter(message)),
    });
  }

  return {
    unanswered,
    takes: () => state === 'consuming' && held < prefetch,
    hand,
    endChannel,
    isConnected: () => state === 'consuming' && !broker.isAway(),
    isConsuming: () => state === 'consuming' && !broker.isAway(),
    isLive: () => true,
    stop: async () => {
      if (state === 'consuming') state = 'stopped';
    },
    close: async () => {
      state = 'closed';
      endChannel();
    },
  };
}
