import type { Redis } from 'ioredis';
import { taskKeys } from './keys.ts';

export interface HintSubscription {
  close(): void;
}

/** Calls `onHint` whenever a record is ahead or due at once. */
export function subscribeToHints(redis: Redis, keyPrefix: string, onHint: () => void): HintSubscription {
  const { ahead, due } = taskKeys(keyPrefix);
  return subscribe(redis, [ahead, due], { onMessage: onHint, onSubscribed: onHint });
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
): HintSubscription {
  const onMessage = (message: string) => onChange(message.split(' ')[0] ?? '');
  return subscribe(redis, [taskKeys(keyPrefix).ahead], { onMessage, onSubscribed });
}

interface Handlers {
  readonly onMessage: (message: string) => void;
  readonly onSubscribed: () => void;
}

/**
 * A connection of its own, subscribed again each time it comes up; what is said while it is down is lost, and that is all right:
 * a hint only wakes whoever looks for itself.
 */
function subscribe(redis: Redis, channels: readonly string[], handlers: Handlers): HintSubscription {
  const connection = redis.duplicate({ autoResubscribe: false });
  connection.on('error', () => {}); // the other connection to the same server reports it
  connection.on('message', (_channel: string, message: string) => handlers.onMessage(message));
  connection.on('ready', () => {
    connection.subscribe(...channels).then(handlers.onSubscribed, () => connection.disconnect(true));
  });
  return { close: () => connection.disconnect() };
}
