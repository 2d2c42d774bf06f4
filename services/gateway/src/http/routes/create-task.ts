import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defaultMaxTicks } from '@tickwork/task/envelope';
import type { AppDependencies } from '../dependencies.ts';
import { newTaskSchema } from '../schemas/new-task.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = { body: newTaskSchema, response: { 202: taskSchema } };

/** `POST /tasks`. Carried through even when the client is gone: its insert may have reached Supabase. */
export function createTask({ tasksOf, submitTask }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/tasks', { schema }, async ({ user, body }, reply) => {
      const { mandate, max_ticks: maxTicks = defaultMaxTicks } = body;
      const task = await submitTask(tasksOf(user), { userId: user.id, mandate, maxTicks });
      return reply.code(202).header('location', `/tasks/${task.correlationId}`).send(taskJson(task));
    });
  };
}
