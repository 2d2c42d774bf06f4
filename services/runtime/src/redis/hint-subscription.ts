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
  return subscribe(redis, [taskKeys(keyPrefix).settled], (message) => onSettled(nameIn(message)));
}

/** Names each task whose record changed in a way that a reader would see: it is ahead, or settled. Null as above. */
export function subscribeToChanges(
  redis: Redis,
  keyPrefix: string,
  onChange: (correlationId: string | null) => void,
): Subscription {
  const { ahead, settled } = taskKeys(keyPrefix);
  return subscribe(redis, [ahead, settled], (message) => onChange(nameIn(message)));
}

const nameIn = (message: string | null) => message?.split(' ')[0] ?? null;

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
