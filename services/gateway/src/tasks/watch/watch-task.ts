import type { Task } from '@tickwork/task/task';
import type { Place, WatchHub } from './hub.ts';
import type { WatchedTaskOptions } from './watched-task.ts';
import type { WatchingUser, WatchKind } from './watcher.ts';

export interface WatchDependencies {
  readonly hub: Pick<WatchHub, 'enter'>;
  readonly read: WatchedTaskOptions['read'];
}

export interface WatchStart {
  readonly task: Task;
  readonly place: Place;
}

/**
 * Takes a place at the task, and reads it as it is now. Whoever calls it begins to watch, or leaves; until then `signal` leaves too.
 * Throws as a read does, or when there is no place.
 */
export function createWatchTask({ hub, read }: WatchDependencies) {
  return async (
    user: WatchingUser,
    id: string,
    kind: WatchKind,
    signal: AbortSignal,
  ): Promise<WatchStart> => {
    const place = hub.enter(user, id, kind);
    signal.addEventListener('abort', place.leave, { once: true });
    try {
      const task = await read(user, id, signal);
      signal.throwIfAborted();
      return { task, place };
    } catch (error) {
      place.leave();
      throw error;
    } finally {
      signal.removeEventListener('abort', place.leave);
    }
  };
}
