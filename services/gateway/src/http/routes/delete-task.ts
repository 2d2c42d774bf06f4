import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { answer, rateLimitHeaders, submitProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { taskParameters } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = {
  operationId: 'deleteTask',
  summary: 'Delete a task',
  description: 'Whatever its status; a worker that has it stops.',
  tags: ['Tasks'],
  security: bearer,
  params: taskParameters,
  response: {
    200: answer(taskSchema, 'The task as it was', rateLimitHeaders),
    ...submitProblems('not_found'),
  },
};

/** `DELETE /tasks/{id}`, whatever its status: 200 with the task as it was, as every answer here is JSON. */
export function deleteTask(dependencies: AppDependencies): FastifyPluginAsyncTypebox {
  const { tasksOf, deleteTask: remove } = dependencies;
  return async (app) => {
    app.delete('/tasks/:id', { schema }, async ({ user, params }) =>
      taskJson(await remove(tasksOf(user), params.id.toLowerCase())),
    );
  };
}
