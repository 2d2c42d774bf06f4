import type { Redis } from 'ioredis';
import { taskKeys } from './keys.ts';

export interface Subscription {
  close(): void;
}

/** Calls `onHint` whenever a record is ahead or due at once. */
export function subscribeToHints(redis: Redis, keyPrefix: string, onHint: () => void): Subscription {
  const { ahead, due } = taskKeys(keyPrefix);
  return subscribe(redis, [ahead, due], onHint);
}

/** Names each record that is settled, and null where some may have been missed. */
export function subscribeToSettled(
  redis: Redis,
  keyPrefix: string,
  onSettled: (correlationId: string | null) => void,
): Subscription {
  return subscribe(redis, [taskKeys(keyPrefix).settled], (message) =>
    onSettled(message?.split(' ')[0] ?? null),
  );
}

export interface ChangeHandlers {
  /** The task may have changed: its record is ahead, or was ended. */
  readonly onChange: (correlationId: string) => void;
  /** Subscribed, for the first time or again: what was said before was not heard. */
  readonly onSubscribed: () => void;
}

/** Names each task whose record changes in a way that a reader of the task would see. */
export function subscribeToChanges(
  redis: Redis,
  keyPrefix: string,
  { onChange, onSubscribed }: ChangeHandlers,
): Subscription {
  const { ahead, settled } = taskKeys(keyPrefix);
  return subscribe(redis, [ahead, settled], (message) =>
    message === null ? onSubscribed() : onChange(message.split(' ')[0] ?? ''),
  );
}

/**
 * A connection of its own, subscribed again each time it comes up, and then called with null; what is said while it is down is
 * lost, and that is all right: a hint only wakes whoever looks for itself.
 */
function subscribe(
  redis: Redis,
  channels: readonly string[],
  onMessage: (message: string | null) => void,
): Subscription {
  const connection = redis.duplicate({ autoResubscribe: false });
  connection.on('error', () => {}); // the other connection to the same server reports it
  connection.on('message', (_channel, message: string) => onMessage(message));
  connection.on('ready', () => {
    connection.subscribe(...channels).then(
      () => onMessage(null),
      () => connection.disconnect(true),
    );
  });
  return { close: () => connection.disconnect() };
}
