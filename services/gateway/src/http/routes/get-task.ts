import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { answer, userProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { taskLinks } from '../openapi/links.ts';
import { taskParameters } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';
import { untilAnswered } from '../until-answered.ts';

const schema = {
  operationId: 'getTask',
  summary: 'Read a task',
  description: 'What its worker reported last is brought to Supabase first.',
  tags: ['Tasks'],
  security: bearer,
  params: taskParameters,
  response: { 200: answer(taskSchema, 'The task'), ...userProblems('not_found') },
};

/** `GET /tasks/{id}`, after what Redis has newer was brought to Supabase. */
export function getTask({ tasksOf, readTask }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/tasks/:id', { schema, links: taskLinks }, async ({ user, params }, reply) => {
      return taskJson(await readTask(tasksOf(user), user.id, params.id.toLowerCase(), untilAnswered(reply)));
    });
  };
}
