import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { keepChannel } from './channel-keeper.ts';

/** A connection that lives this long without a consumer on it is stuck. */
const longestWithoutConsumerMs = 60_000;

/** A message, and what becomes of it. Each answer is harmless after the channel has died: the broker delivers again. */
export interface Delivery {
  readonly content: Buffer;
  ack(): void;
  requeue(): void;
  deadLetter(): void;
}

export interface ConsumerOptions {
  readonly url: string;
  readonly queue: string;
  /** How many messages may be unanswered at once. */
  readonly prefetch: number;
  readonly connectionName: string;
  readonly onMessage: (delivery: Delivery) => void;
  readonly onError: (error: unknown) => void;
  readonly onUnsupported: (error: Error) => void;
}

export interface Consumer {
  isConsuming(): boolean;
  /** False when a live connection has had no consumer for a minute. A broker that is away makes nobody unhealthy. */
  isLive(): boolean;
  /** No new messages; those that are unanswered still can be. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Consumes for as long as it is not closed. Never declares: until the queue is there it tries again. */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { queue, prefetch, onMessage, onError } = options;
  let active: { channel: Channel; tag: string } | null = null;
  let stopped = false;

  async function open(connection: ChannelModel) {
    const channel = await connection.createChannel();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = () => {
        if (active?.channel === channel) active = null;
        resolve();
      };
    });
    channel.on('close', end);
    channel.on('error', onError);
    if (stopped) return { ended };
    await channel.checkQueue(queue);
    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message) return onMessage(toDelivery(channel, message));
      onError(new Error('RabbitMQ cancelled the consumer: its queue is gone'));
      end();
    });
    active = { channel, tag: consumerTag };
    if (stopped) await stop();
    return { ended };
  }

  async function stop(): Promise<void> {
    stopped = true;
    const last = active;
    active = null;
    await last?.channel.cancel(last.tag).catch(onError);
  }

  const keeper = keepChannel({ ...options, open });
  return {
    isConsuming: () => active !== null,
    isLive: () => stopped || active !== null || keeper.connectedMs() < longestWithoutConsumerMs,
    stop,
    close: keeper.close,
  };
}

function toDelivery(channel: Channel, message: ConsumeMessage): Delivery {
  const attempt = (action: () => void) => {
    try {
      action();
    } catch {
      // The channel is closed; the broker has the message back already.
    }
  };
  return {
    content: message.content,
    ack: () => attempt(() => channel.ack(message)),
    requeue: () => attempt(() => channel.nack(message, false, true)),
    deadLetter: () => attempt(() => channel.nack(message, false, false)),
  };
}
