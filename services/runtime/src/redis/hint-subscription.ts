import type { Redis } from 'ioredis';
import { taskKeys } from './keys.ts';

export interface HintSubscription {
  close(): void;
}

/**
 * Calls `onHint` whenever a record is ahead or due at once. A connection of its own, subscribed again each time it comes up;
 * what is said while it is down is lost, and that is all right: a hint only wakes whoever looks for itself.
 */
export function subscribeToHints(redis: Redis, keyPrefix: string, onHint: () => void): HintSubscription {
  const { ahead, due } = taskKeys(keyPrefix);
  const connection = redis.duplicate({ autoResubscribe: false });
  connection.on('error', () => {}); // the other connection to the same server reports it
  connection.on('message', onHint);
  connection.on('ready', () => {
    connection.subscribe(ahead, due).then(onHint, () => connection.disconnect(true));
  });
  return { close: () => connection.disconnect() };
}
