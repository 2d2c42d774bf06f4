import type { UserTasks } from '@tickwork/task/ports';
import type { Task } from '@tickwork/task/task';
import { TaskError } from './errors.ts';
import type { Settle } from './settle.ts';

/**
 * Deletes a task's row, whatever its status, and then ends its record, so that a worker that has it stops and nothing comes back.
 * Answers with the row as it was. Throws `not_found`.
 */
export function createDeleteTask({ settle }: { readonly settle: Settle }) {
  return async (tasks: UserTasks, id: string): Promise<Task> => {
    // By the row's own id, which is never given again: by another name a later task could be hit.
    const found = await tasks.find(id, AbortSignal.any([]));
    const deleted = found && (await tasks.remove(found.id));
    if (!deleted) throw new TaskError('not_found');
    await settle(deleted);
    return deleted;
  };
}
