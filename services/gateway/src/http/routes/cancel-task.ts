import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { answer, rateLimitHeaders, submitProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { taskLinks } from '../openapi/links.ts';
import { taskParameters } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = {
  operationId: 'cancelTask',
  summary: 'Cancel a task',
  description: 'Final at once, and its worker stops; twice is the same as once.',
  tags: ['Tasks'],
  security: bearer,
  params: taskParameters,
  response: {
    200: answer(taskSchema, 'The cancelled task', rateLimitHeaders),
    ...submitProblems('not_found', 'task_ended'),
  },
};

/** `POST /tasks/{id}/cancel`: 200 with the cancelled task, however often; 409 with the task as it is where it ended before. */
export function cancelTask(dependencies: AppDependencies): FastifyPluginAsyncTypebox {
  const { tasksOf, cancelTask: cancel } = dependencies;
  return async (app) => {
    app.post('/tasks/:id/cancel', { schema, links: taskLinks }, async ({ user, params }) =>
      taskJson(await cancel(tasksOf(user), user.id, params.id.toLowerCase())),
    );
  };
}
