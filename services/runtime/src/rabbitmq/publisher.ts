import { type Envelope, encodeEnvelope } from '@tickwork/task/envelope';
import type { TaskQueue } from '@tickwork/task/ports';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import type { Clock } from '../process/clock.ts';
import { currentTraceparent, SpanKind, withSpan } from '../telemetry/trace-context.ts';
import { keepChannel } from './channel-keeper.ts';
import { messagingAttributes } from './messaging-attributes.ts';
import { createPending } from './pending.ts';
import { publishedAtHeader } from './published-at.ts';
import { deadQueueOf, declareTopology } from './topology.ts';

export interface PublisherOptions {
  readonly url: string;
  readonly queue: string;
  readonly connectionName: string;
  readonly clock: Pick<Clock, 'wallTime'>;
  readonly onError: (error: unknown) => void;
  readonly onUnsupported: (error: Error) => void;
}

export interface Publisher extends TaskQueue {
  /** How many messages no worker has taken yet. */
  countReady(): Promise<number>;
  /** How many messages no worker could do anything with. */
  countDead(): Promise<number>;
  close(): Promise<void>;
}

/** Publishes persistent messages and waits for the broker's confirm. Connects in the background, for as long as it takes. */
export function createPublisher({ queue, clock, ...options }: PublisherOptions): Publisher {
  let channel: ConfirmChannel | null = null;
  /** The broker takes nothing (memory or disk alarm). It only says so once somebody published. */
  let blocked = false;
  const pending = createPending();

  async function open(connection: ChannelModel) {
    blocked = false;
    connection.on('blocked', () => {
      blocked = true;
    });
    connection.on('unblocked', () => {
      blocked = false;
    });
    const opened = await connection.createConfirmChannel();
    const ended = new Promise<void>((resolve) => {
      opened.on('close', () => {
        if (channel === opened) channel = null;
        pending.failAll(new Error('the channel closed before the broker confirmed'));
        resolve();
      });
    });
    opened.on('error', options.onError);
    // A message that no queue took comes back before its confirm.
    opened.on('return', ({ properties }) =>
      pending.settle(properties.messageId, new Error('no queue took the message')),
    );
    await declareTopology(opened, queue);
    channel = opened;
    return { ended };
  }

  /** The message carries the span of its sending, so that what a worker does of it comes under that. */
  function publish(envelope: Envelope, signal: AbortSignal): Promise<void> {
    const attributes = {
      ...messagingAttributes(queue, 'send'),
      'tickwork.task.correlation_id': envelope.correlationId,
    };
    const options = { kind: SpanKind.PRODUCER, attributes, parent: envelope.traceparent };
    return withSpan(`send ${queue}`, options, (span) => {
      const { id: messageId, confirmed } = send(
        { ...envelope, traceparent: currentTraceparent() ?? envelope.traceparent },
        signal,
      );
      span.setAttribute('messaging.message.id', messageId);
      return confirmed;
    });
  }

  function send(envelope: Envelope, signal: AbortSignal): { id: string; confirmed: Promise<void> } {
    const open = channel;
    if (!open || blocked) throw new Error('RabbitMQ is not connected, or takes nothing');
    const { id: messageId, confirmed } = pending.add(envelope.correlationId, signal);
    const properties = {
      persistent: true,
      mandatory: true,
      messageId,
      contentType: 'application/json',
      headers: {
        ...(envelope.traceparent ? { traceparent: envelope.traceparent } : {}),
        ...publishedAtHeader(clock.wallTime()),
      },
    };
    try {
      open.publish('', queue, encodeEnvelope(envelope), properties, (refused) =>
        pending.settle(messageId, refused ? new Error('the broker refused the message') : null),
      );
    } catch (error) {
      pending.settle(messageId, error); // the channel is closing
    }
    return { id: messageId, confirmed };
  }

  async function count(name: string): Promise<number> {
    if (!channel) throw new Error('RabbitMQ is not connected');
    return (await channel.checkQueue(name)).messageCount;
  }

  const keeper = keepChannel({ ...options, open });
  return {
    isReady: () => channel !== null && !blocked,
    publish,
    countReady: () => count(queue),
    countDead: () => count(deadQueueOf(queue)),
    close: () => {
      channel = null;
      return keeper.close();
    },
  };
}
