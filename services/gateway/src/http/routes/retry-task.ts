import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { taskNameOf } from '../idempotency.ts';
import { answer, rateLimitHeaders, submitProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { submitLinks } from '../openapi/links.ts';
import { submitHeaders, taskParameters } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = {
  operationId: 'retryTask',
  summary: 'Submit a task that has ended once more',
  description: 'A new task with the same mandate and budget; the one that has ended stays as it is.',
  tags: ['Tasks'],
  security: bearer,
  params: taskParameters,
  headers: submitHeaders,
  response: {
    200: answer(taskSchema, 'It was tried again before, under the same key', [
      'location',
      ...rateLimitHeaders,
    ]),
    202: answer(taskSchema, 'The new task', ['location', ...rateLimitHeaders]),
    ...submitProblems(
      'invalid',
      'not_found',
      'task_not_ended',
      'conflict',
      'idempotency_key_reused',
      'quota_exceeded',
    ),
  },
};

/** `POST /tasks/{id}/retry`: a new task like one that has ended, answered as `POST /tasks` is. */
export function retryTask(dependencies: AppDependencies): FastifyPluginAsyncTypebox {
  const { tasksOf, retryTask: retry } = dependencies;
  return async (app) => {
    app.post('/tasks/:id/retry', { schema, links: submitLinks }, async (request, reply) => {
      const { user, params } = request;
      const name = taskNameOf(request);
      const { task, isNew } = await retry(tasksOf(user), user.id, params.id.toLowerCase(), name);
      reply.header('location', `/tasks/${task.correlationId}`);
      return reply.code(isNew ? 202 : 200).send(taskJson(task));
    });
  };
}
