import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Task } from '@tickwork/task/task';
import type { AppDependencies } from '../dependencies.ts';
import { etagOf, isNamed } from '../etag.ts';
import { answer, bare, userProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { taskLinks } from '../openapi/links.ts';
import { knownHeaders, taskParameters, waitQuery } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';
import { untilAnswered } from '../until-answered.ts';

const schema = {
  operationId: 'getTask',
  summary: 'Read a task',
  description:
    'What its worker reported last is brought to Supabase first. With `wait` the answer comes when there is something newer than `If-None-Match` names, or than what is there now.',
  tags: ['Tasks'],
  security: bearer,
  params: taskParameters,
  querystring: waitQuery,
  headers: knownHeaders,
  response: {
    200: answer(taskSchema, 'The task', ['etag']),
    304: bare('`If-None-Match` names the task as it is', ['etag']),
    ...userProblems('not_found', 'invalid', 'too_many_watchers', 'overloaded'),
  },
};

/** `GET /tasks/{id}`, after what Redis has newer was brought to Supabase. */
export function getTask({ tasksOf, readTask, awaitNews }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/tasks/:id', { schema, links: taskLinks }, async ({ user, params, query, headers }, reply) => {
      const id = params.id.toLowerCase();
      const known = headers['if-none-match'];
      const isKnown = known === undefined ? null : (task: Task) => isNamed(known, task);
      const signal = untilAnswered(reply);
      const task = query.wait
        ? await awaitNews(user, id, { isKnown, waitMs: query.wait * 1000, signal })
        : await readTask(tasksOf(user), user.id, id, signal);
      reply.header('etag', etagOf(task));
      return isKnown?.(task) ? reply.code(304).send() : taskJson(task);
    });
  };
}
