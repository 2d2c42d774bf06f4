import { maxTicksLimit } from '@tickwork/task/envelope';
import { statuses } from '@tickwork/task/status';
import type { Task } from '@tickwork/task/task';
import { Type } from 'typebox';

const nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A task as the API shows it; answers are serialised by it, so no other field leaves. */
export const taskSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  correlation_id: Type.String({ format: 'uuid' }),
  status: Type.Enum([...statuses]),
  mandate: Type.String(),
  max_ticks: Type.Integer({ minimum: 1, maximum: maxTicksLimit }),
  tick: nullable(Type.Integer()),
  result: Type.Unknown(),
  error: nullable(Type.String()),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
});

export type TaskJson = Type.Static<typeof taskSchema>;

/** Every value was read from Supabase in this request. */
export function taskJson(task: Task): TaskJson {
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
