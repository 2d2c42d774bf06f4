import { type Envelope, encodeEnvelope } from '@tickwork/task/envelope';
import type { TaskQueue } from '@tickwork/task/ports';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { keepChannel } from './channel-keeper.ts';
import { declareTopology } from './topology.ts';

export interface PublisherOptions {
  readonly url: string;
  readonly queue: string;
  readonly connectionName: string;
  readonly onError: (error: unknown) => void;
  readonly onUnsupported: (error: Error) => void;
}

/** Publishes persistent messages and waits for the broker's confirm. Connects in the background, for as long as it takes. */
export function createPublisher({
  queue,
  ...options
}: PublisherOptions): TaskQueue & { close(): Promise<void> } {
  let channel: ConfirmChannel | null = null;
  const pending = new Map<string, (error: Error) => void>();
  let sequence = 0;

  async function open(connection: ChannelModel) {
    const opened = await connection.createConfirmChannel();
    const ended = new Promise<void>((resolve) => {
      opened.on('close', () => {
        if (channel === opened) channel = null;
        for (const reject of pending.values())
          reject(new Error('the channel closed before the broker confirmed'));
        resolve();
      });
    });
    opened.on('error', options.onError);
    // A message that no queue took comes back before its confirm.
    opened.on('return', ({ properties }) =>
      pending.get(properties.messageId)?.(new Error('no queue took the message')),
    );
    connection.on('blocked', () => {
      channel = null;
    });
    connection.on('unblocked', () => {
      channel = opened;
    });
    await declareTopology(opened, queue);
    channel = opened;
    return { ended };
  }

  function publish(envelope: Envelope, signal: AbortSignal): Promise<void> {
    const open = channel;
    if (!open) return Promise.reject(new Error('RabbitMQ is not connected'));
    const messageId = `${envelope.correlationId}:${++sequence}`;
    return new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        signal.removeEventListener('abort', expire);
        pending.delete(messageId);
        if (error) reject(error);
        else resolve();
      };
      const expire = () => settle(new Error('the broker did not confirm in time'));
      if (signal.aborted) return expire();
      signal.addEventListener('abort', expire, { once: true });
      pending.set(messageId, settle);
      const headers = envelope.traceparent ? { traceparent: envelope.traceparent } : {};
      const properties = {
        persistent: true,
        mandatory: true,
        messageId,
        contentType: 'application/json',
        headers,
      };
      open.publish('', queue, encodeEnvelope(envelope), properties, (refused) =>
        settle(refused ? new Error('the broker refused the message') : undefined),
      );
    });
  }

  const keeper = keepChannel({ ...options, open });
  return { isReady: () => channel !== null, publish, close: keeper.close };
}
