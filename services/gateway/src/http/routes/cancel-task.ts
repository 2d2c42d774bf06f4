import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { taskParameters } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = { params: taskParameters, response: { 200: taskSchema } };

/** `POST /tasks/{id}/cancel`: 200 with the cancelled task, however often; 409 with the task as it is where it ended before. */
export function cancelTask(dependencies: AppDependencies): FastifyPluginAsyncTypebox {
  const { tasksOf, cancelTask: cancel } = dependencies;
  return async (app) => {
    app.post('/tasks/:id/cancel', { schema }, async ({ user, params }) =>
      taskJson(await cancel(tasksOf(user), user.id, params.id.toLowerCase())),
    );
  };
}
