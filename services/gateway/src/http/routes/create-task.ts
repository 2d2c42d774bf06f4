import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defaultMaxTicks } from '@tickwork/task/envelope';
import type { AppDependencies } from '../dependencies.ts';
import { taskNameOf } from '../idempotency.ts';
import { answer, rateLimitHeaders, submitProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { submitLinks } from '../openapi/links.ts';
import { newTaskSchema } from '../schemas/new-task.ts';
import { submitHeaders } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';

const schema = {
  operationId: 'createTask',
  summary: 'Submit a task',
  description:
    'The same again, under the same Idempotency-Key or correlation_id, is answered with the same task.',
  tags: ['Tasks'],
  security: bearer,
  headers: submitHeaders,
  body: newTaskSchema,
  response: {
    200: answer(taskSchema, 'It was submitted before, under the same name', [
      'location',
      ...rateLimitHeaders,
    ]),
    202: answer(taskSchema, 'It is taken, and will be carried out', ['location', ...rateLimitHeaders]),
    ...submitProblems('invalid', 'conflict', 'idempotency_key_reused', 'quota_exceeded'),
  },
};

/**
 * `POST /tasks`: 202, or 200 where the same was submitted before under the same name. Carried through even when the client is
 * gone: its insert may have reached Supabase.
 */
export function createTask({ tasksOf, submitTask }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post('/tasks', { schema, links: submitLinks }, async (request, reply) => {
      const { user, body } = request;
      const { mandate, max_ticks: maxTicks = defaultMaxTicks } = body;
      const name = taskNameOf(request, body.correlation_id);
      const { task, isNew } = await submitTask(tasksOf(user), { userId: user.id, mandate, maxTicks, name });
      reply.header('location', `/tasks/${task.correlationId}`);
      return reply.code(isNew ? 202 : 200).send(taskJson(task));
    });
  };
}
