import type { UserTasks } from '@tickwork/task/ports';
import { isFinal } from '@tickwork/task/status';
import { TaskError } from './errors.ts';
import type { createReadTask } from './read-task.ts';
import type { createSubmitTask, Submitted } from './submit-task.ts';
import type { TaskName } from './task-name.ts';

export interface RetryDependencies {
  readonly readTask: ReturnType<typeof createReadTask>;
  readonly submitTask: ReturnType<typeof createSubmitTask>;
}

/** A new task with the mandate and the budget of one that has ended, which stays as it is. Throws `task_not_ended` or `not_found`. */
export function createRetryTask({ readTask, submitTask }: RetryDependencies) {
  return async (tasks: UserTasks, userId: string, id: string, name?: TaskName): Promise<Submitted> => {
    const task = await readTask(tasks, userId, id, AbortSignal.any([]));
    if (!isFinal(task.status)) throw new TaskError('task_not_ended', { task });
    const { mandate, maxTicks } = task;
    return submitTask(tasks, { userId, mandate, maxTicks, name });
  };
}
