import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { taskParameters } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = { params: taskParameters, response: { 200: taskSchema } };

/** `DELETE /tasks/{id}`, whatever its status: 200 with the task as it was, as every answer here is JSON. */
export function deleteTask(dependencies: AppDependencies): FastifyPluginAsyncTypebox {
  const { tasksOf, deleteTask: remove } = dependencies;
  return async (app) => {
    app.delete('/tasks/:id', { schema }, async ({ user, params }) =>
      taskJson(await remove(tasksOf(user), params.id.toLowerCase())),
    );
  };
}
