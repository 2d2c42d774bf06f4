import { maxTicksLimit } from '@tickwork/task/envelope';
import { statuses } from '@tickwork/task/status';
import type { Task } from '@tickwork/task/task';
import { Type } from 'typebox';

const nullable = <Schema extends Type.TSchema>(schema: Schema, description: string) =>
  Type.Union([schema, Type.Null()], { description });

/** A task as the API shows it; answers are serialised by it, so no other field leaves. */
export const taskSchema = Type.Object(
  {
    id: Type.String({ format: 'uuid', description: "The row's own id, never given again" }),
    correlation_id: Type.String({ format: 'uuid', description: 'What the task is called' }),
    status: Type.Enum([...statuses], { description: '`completed`, `error` and `cancelled` are final' }),
    mandate: Type.String({ description: 'What is to be done' }),
    max_ticks: Type.Integer({
      minimum: 1,
      maximum: maxTicksLimit,
      description: 'How many ticks it may take',
    }),
    tick: nullable(Type.Integer({ minimum: 0 }), 'The ticks spent; null before the first'),
    result: Type.Unknown({ description: 'Once completed, the result; before, `{"notes": …}` or null' }),
    error: nullable(Type.String(), 'Why it ended in error'),
    created_at: Type.String({ format: 'date-time' }),
    updated_at: Type.String({ format: 'date-time', description: 'Of a task that has ended: when it did' }),
  },
  {
    component: 'Task',
    examples: [
      {
        id: '5b0c2f3e-6a77-4d0b-9d51-1f3d6a3c8f10',
        correlation_id: '0198c0a4-6b5e-7c31-9a53-3e2f5d0c7b11',
        status: 'completed',
        mandate: 'Compare three suppliers of paper. Name the best.',
        max_ticks: 50,
        tick: 2,
        result: { success: true, deliverables: ['1. …', '2. …'], notes: 'The mandate had 2 pieces.' },
        error: null,
        created_at: '2026-01-01T00:00:00.000001+00:00',
        updated_at: '2026-01-01T00:00:42.123456+00:00',
      },
    ],
  },
);

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
