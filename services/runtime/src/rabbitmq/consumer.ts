import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { keepChannel } from './channel-keeper.ts';
import { publishedAtOf } from './published-at.ts';

/** A message, and what becomes of it. Each answer is harmless after the channel has died: the broker delivers again. */
export interface Delivery {
  readonly content: Buffer;
  /** Milliseconds since 1970 by the publisher's clock; null where the message does not tell. */
  readonly publishedAt: number | null;
  /** It was handed out before, to whomever. */
  readonly redelivered: boolean;
  ack(): void;
  requeue(): void;
  deadLetter(): void;
}

export interface ConsumerOptions {
  readonly url: string;
  readonly queue: string;
  /** How many messages may be unanswered at once, those of channels that have died included. */
  readonly prefetch: number;
  readonly connectionName: string;
  readonly onMessage: (delivery: Delivery) => void;
  readonly onError: (error: unknown) => void;
  readonly onUnsupported: (error: Error) => void;
  /** With room for messages, and a broker that can be reached, something is stuck after so long. A minute where it isn't given. */
  readonly longestWithoutConsumerMs?: number;
}

export interface Consumer {
  isConsuming(): boolean;
  /** Whether there is a channel, on which it consumes once it has room. */
  isConnected(): boolean;
  /** False when a broker that can be reached has had no consumer for too long. One that is away makes nobody unhealthy. */
  isLive(): boolean;
  /** No new messages; those that are unanswered still can be. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** A channel, with one consumer for the room that there was when it opened, and more as room came. */
interface Line {
  readonly channel: Channel;
  readonly tags: string[];
  /** The prefetches of its consumers together. */
  granted: number;
  /** Deliveries of it that are unanswered. */
  unanswered: number;
  end(): void;
}

/**
 * Consumes for as long as it is not closed. Never declares: until the queue is there it tries again. What came by an earlier channel
 * keeps its place until it is answered: a new channel asks for so much less, so no message waits here that another could take.
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { queue, prefetch, onMessage, onError, longestWithoutConsumerMs = 60_000 } = options;
  let current: Line | null = null;
  let stopped = false;
  /** Unanswered deliveries, of whatever channel. */
  let held = 0;
  /** Since when there should be a consumer, where there is none. */
  let wantedSince = performance.now();

  const isConsuming = () => !stopped && current !== null && current.tags.length > 0;

  async function open(connection: ChannelModel) {
    const channel = await connection.createChannel();
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    const end = () => {
      if (isConsuming()) wantedSince = performance.now();
      if (current === line) current = null;
      resolve();
    };
    const line: Line = { channel, tags: [], granted: 0, unanswered: 0, end };
    channel.on('close', end);
    channel.on('error', onError);
    if (stopped) return { ended };
    await channel.checkQueue(queue);
    current = line;
    await fill(line);
    return { ended };
  }

  /** Asks for as many more as there is room for. A consumer's prefetch can't be changed, so each time with one more. */
  async function fill(line: Line): Promise<void> {
    const room = prefetch - (held - line.unanswered) - line.granted;
    if (stopped || room <= 0) return;
    line.granted += room;
    const onDelivery = (message: ConsumeMessage | null) => {
      if (message) return onMessage(receive(line, message));
      onError(new Error('RabbitMQ cancelled the consumer: its queue is gone'));
      line.end();
    };
    // Sent together: a prefetch is that of the next consumer.
    const asked = [line.channel.prefetch(room), line.channel.consume(queue, onDelivery)] as const;
    const [, { consumerTag }] = await Promise.all(asked);
    line.tags.push(consumerTag);
    if (stopped) await stop();
  }

  function receive(line: Line, message: ConsumeMessage): Delivery {
    held += 1;
    line.unanswered += 1;
    let answered = false;
    const answer = (action: () => void) => () => {
      if (!answered) leave(line);
      answered = true;
      try {
        action();
      } catch {
        // The channel is closed; the broker has the message back already.
      }
    };
    return {
      content: message.content,
      publishedAt: publishedAtOf(message.properties.headers),
      redelivered: message.fields.redelivered,
      ack: answer(() => line.channel.ack(message)),
      requeue: answer(() => line.channel.nack(message, false, true)),
      deadLetter: answer(() => line.channel.nack(message, false, false)),
    };
  }

  /** Room that an earlier channel's delivery leaves is asked for on the channel of now. */
  function leave(line: Line): void {
    if (held === prefetch && !isConsuming()) wantedSince = performance.now();
    held -= 1;
    line.unanswered -= 1;
    if (current) fill(current).catch(onError);
  }

  async function stop(): Promise<void> {
    stopped = true;
    const { channel, tags } = current ?? {};
    await Promise.all((tags ?? []).splice(0).map((tag) => channel?.cancel(tag).catch(onError)));
  }

  const keeper = keepChannel({ ...options, open });
  return {
    isConsuming,
    isConnected: () => current !== null,
    isLive: () => {
      if (stopped || isConsuming() || held >= prefetch) return true;
      return Math.min(keeper.reachableMs(), performance.now() - wantedSince) < longestWithoutConsumerMs;
    },
    stop,
    close: keeper.close,
  };
}
