import { type Clock, within } from '@tickwork/runtime/process/clock';
import { isFinal } from '@tickwork/task/status';
import type { Task } from '@tickwork/task/task';
import { TaskError } from '../errors.ts';
import { versionOf } from './version.ts';
import type { createWatchTask, WatchStart } from './watch-task.ts';
import type { WatchingUser } from './watcher.ts';

export const longestWaitSeconds = 60;

export interface AwaitNewsOptions {
  /** Whether the caller has this state; null when it has told nothing. */
  readonly isKnown: ((task: Task) => boolean) | null;
  readonly waitMs: number;
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal;
}

/**
 * The task as soon as the caller does not have it yet, else as it was after `waitMs`, or when the process shuts down. A caller who
 * has told nothing has what is there now; one whose task has ended need not wait, as nothing newer will come.
 */
export function createAwaitNews({
  watchTask,
  clock,
}: {
  readonly watchTask: ReturnType<typeof createWatchTask>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
}) {
  return async (user: WatchingUser, id: string, options: AwaitNewsOptions): Promise<Task> => {
    const { isKnown, waitMs, signal } = options;
    const until = clock.now() + waitMs;
    const start = await watchTask(user, id, 'wait', signal);
    const { task, place } = start;
    try {
      if (isKnown ? !isKnown(task) : isFinal(task.status)) return task;
      return await within(clock, Math.max(0, until - clock.now()), () => news(start, signal), task);
    } finally {
      place.leave();
    }
  };
}

/** The next state; where the token or the process ends before one comes, what is there. */
function news({ task, place }: WatchStart, signal: AbortSignal): Promise<Task> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(task), { once: true });
    place.begin(task.correlationId, versionOf(task), {
      onTask: resolve,
      onEnd: (reason) => (reason === 'gone' ? reject(new TaskError('not_found')) : resolve(task)),
    });
  });
}
