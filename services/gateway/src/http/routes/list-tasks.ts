import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { type Cursor, decodeCursor, encodeCursor } from '../../tasks/cursor.ts';
import { parseDateTime } from '../../tasks/date-time.ts';
import { type ListRequest, listTasks } from '../../tasks/list-tasks.ts';
import type { AppDependencies } from '../dependencies.ts';
import { answer, userProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { pageLinks } from '../openapi/links.ts';
import { listQuery } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';
import { untilAnswered } from '../until-answered.ts';

const taskList = Type.Object({
  tasks: Type.Array(taskSchema),
  next_cursor: Type.Union([Type.String(), Type.Null()]),
  total: Type.Optional(Type.Integer({ minimum: 0 })),
});
const schema = {
  operationId: 'listTasks',
  summary: 'List tasks',
  description: 'Newest first, page by page; what is added or deleted meanwhile moves no page.',
  tags: ['Tasks'],
  security: bearer,
  querystring: listQuery,
  response: { 200: answer(taskList, 'A page', ['link']), ...userProblems('invalid') },
};

/** `GET /tasks`: a page straight from Supabase, newest first; `Link` and `next_cursor` lead to the next. */
export function getTasks({ tasksOf }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/tasks', { schema, links: pageLinks }, async ({ user, query, url }, reply) => {
      const { tasks, next, total } = await listTasks(tasksOf(user), toRequest(query), untilAnswered(reply));
      if (next) reply.header('link', `<${nextPage(url, next)}>; rel="next"`);
      return {
        tasks: tasks.map(taskJson),
        next_cursor: next ? encodeCursor(next) : null,
        ...(total === null ? {} : { total }),
      };
    });
  };
}

function toRequest(query: Type.Static<typeof listQuery>): ListRequest {
  const { limit = 100, cursor = '', status, created_after = '', created_before = '', total = false } = query;
  const filter = {
    statuses: status,
    createdAfter: parseDateTime(created_after),
    createdBefore: parseDateTime(created_before),
  };
  return { filter, limit, after: decodeCursor(cursor), withTotal: total };
}

/** The same question, from there on. */
function nextPage(url: string, next: Cursor): string {
  const query = new URLSearchParams(url.split('?')[1]);
  query.set('cursor', encodeCursor(next));
  return `/tasks?${query}`;
}
