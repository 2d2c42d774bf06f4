import type { UserTasks } from '@tickwork/task/ports';
import type { Task } from '@tickwork/task/task';
import type { GatewayEmitter } from '../events.ts';
import { TaskError } from './errors.ts';
import type { Settle } from './settle.ts';

export interface DeleteDependencies {
  readonly settle: Settle;
  readonly events: GatewayEmitter;
}

/**
 * Deletes a task's row, whatever its status, and then ends its record, so that a worker that has it stops and nothing comes back.
 * Answers with the row as it was. Throws `not_found`.
 */
export function createDeleteTask({ settle, events }: DeleteDependencies) {
  return async (tasks: UserTasks, id: string): Promise<Task> => {
    // By the row's own id, which is never given again: by another name a later task could be hit.
    const found = await tasks.find(id, AbortSignal.any([]));
    const deleted = found && (await tasks.remove(found.id));
    if (!deleted) throw new TaskError('not_found');
    events.emit('ended_by_owner', { correlationId: deleted.correlationId, outcome: 'deleted' });
    await settle(deleted);
    return deleted;
  };
}
