import type { Task } from '@tickwork/task/task';

/** A task as the API shows it. Every value was read from Supabase in this request. */
export function taskJson(task: Task) {
  return {
    id: task.id,
    correlation_id: task.correlationId,
    status: task.status,
    mandate: task.mandate,
    max_ticks: task.maxTicks,
    tick: task.tick,
    result: task.result,
    error: task.error,
    created_at: task.createdAt,
    updated_at: task.updatedAt,
  };
}
