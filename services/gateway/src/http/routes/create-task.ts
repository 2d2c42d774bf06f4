import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defaultMaxTicks } from '@tickwork/task/envelope';
import type { AppDependencies } from '../dependencies.ts';
import { taskNameOf } from '../idempotency.ts';
import { newTaskSchema } from '../schemas/new-task.ts';
import { submitHeaders } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = {
  headers: submitHeaders,
  body: newTaskSchema,
  response: { 200: taskSchema, 202: taskSchema },
};

/**
 * `POST /tasks`: 202, or 200 where the same was submitted before under the same name. Carried through even when the client is
 * gone: its insert may have reached Supabase.
 */
export function createTask({ tasksOf, submitTask }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/tasks', { schema }, async (request, reply) => {
      const { user, body } = request;
      const { mandate, max_ticks: maxTicks = defaultMaxTicks } = body;
      const name = taskNameOf(request, body.correlation_id);
      const { task, isNew } = await submitTask(tasksOf(user), { userId: user.id, mandate, maxTicks, name });
      reply.header('location', `/tasks/${task.correlationId}`);
      return reply.code(isNew ? 202 : 200).send(taskJson(task));
    });
  };
}
