import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { taskNameOf } from '../idempotency.ts';
import { submitHeaders, taskParameters } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = {
  params: taskParameters,
  headers: submitHeaders,
  response: { 200: taskSchema, 202: taskSchema },
};

/** `POST /tasks/{id}/retry`: a new task like one that has ended, answered as `POST /tasks` is. */
export function retryTask(dependencies: AppDependencies): FastifyPluginAsyncTypebox {
  const { tasksOf, retryTask: retry } = dependencies;
  return async (app) => {
    app.post('/tasks/:id/retry', { schema }, async (request, reply) => {
      const { user, params } = request;
      const name = taskNameOf(request);
      const { task, isNew } = await retry(tasksOf(user), user.id, params.id.toLowerCase(), name);
      reply.header('location', `/tasks/${task.correlationId}`);
      return reply.code(isNew ? 202 : 200).send(taskJson(task));
    });
  };
}
