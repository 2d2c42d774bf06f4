import type { UserTasks } from '@tickwork/task/ports';
import { isFinal } from '@tickwork/task/status';
import type { Task } from '@tickwork/task/task';
import type { GatewayEmitter } from '../events.ts';
import { TaskError } from './errors.ts';
import type { createReadTask } from './read-task.ts';
import type { Settle } from './settle.ts';

export interface CancelDependencies {
  readonly readTask: ReturnType<typeof createReadTask>;
  readonly settle: Settle;
  readonly events: GatewayEmitter;
}

/**
 * Ends a task in Supabase, where that is final, and then its record, so that its worker stops. What Redis has newer is brought to
 * Supabase before: an end that came first stays. Twice is the same as once. Throws `task_ended`, with the task as it is, or
 * `not_found`.
 */
export function createCancelTask({ readTask, settle, events }: CancelDependencies) {
  /** The row once it has ended, by this or by something that was faster. */
  async function cancelRow(tasks: UserTasks, { id }: Task, signal: AbortSignal): Promise<Task> {
    const cancelled = await tasks.cancel(id).catch((error: unknown) => {
      if (error instanceof TaskError && error.code === 'task_ended') return null;
      throw error;
    });
    if (cancelled) {
      events.emit('ended_by_owner', { correlationId: cancelled.correlationId, outcome: 'cancelled' });
      return cancelled;
    }
    const task = await tasks.find(id, signal);
    if (!task) throw new TaskError('not_found');
    return task;
  }

  return async (tasks: UserTasks, userId: string, id: string): Promise<Task> => {
    // Carried through even when the client is gone.
    const signal = AbortSignal.any([]);
    const task = await readTask(tasks, userId, id, signal);
    const ended = isFinal(task.status) ? task : await cancelRow(tasks, task, signal);
    await settle(ended);
    if (ended.status !== 'cancelled') throw new TaskError('task_ended', { task: ended });
    return ended;
  };
}
