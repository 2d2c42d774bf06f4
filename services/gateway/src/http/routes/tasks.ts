import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defaultMaxTicks, maxMandateLength, maxTicksLimit } from '@tickwork/task/envelope';
import type { Task } from '@tickwork/task/task';
import { Type } from 'typebox';
import { longestWaitSeconds } from '../../tasks/watch/await-news.ts';
import type { User } from '../authenticate.ts';
import type { AppDependencies } from '../dependencies.ts';
import { etagOf, isNamed } from '../etag.ts';
import { taskId } from '../task-id.ts';
import { taskJson } from '../task-json.ts';
import { untilAnswered } from '../until-answered.ts';
import { taskEvents } from './task-events.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before the body is read, on every route of a user's. */
    user: User;
  }
}

const mandateRules: readonly (readonly [rule: string, isKept: (mandate: string) => boolean])[] = [
  ['must not be blank', (mandate) => mandate.trim() !== ''],
  ['must not hold NUL', (mandate) => !mandate.includes('\u0000')],
  ['must be well-formed Unicode', (mandate) => mandate.isWellFormed()],
  [
    `must have at most ${maxMandateLength} characters`,
    // Code points are at least half as many as UTF-16 units.
    (mandate) => mandate.length <= 2 * maxMandateLength && [...mandate].length <= maxMandateLength,
  ],
];
const mandate = mandateRules.reduce<Type.TString>(
  (type, [rule, isKept]) => Type.Refine(type, isKept, () => rule),
  Type.String({ rule: 'must be text' }),
);
const newTask = Type.Object(
  {
    mandate,
    max_ticks: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: maxTicksLimit,
        rule: `must be an integer from 1 to ${maxTicksLimit}`,
      }),
    ),
  },
  { additionalProperties: false },
);
const listQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.String({ pattern: '^([1-9]\\d{0,2}|1000)$', rule: 'must be an integer from 1 to 1000' }),
    ),
  },
  { additionalProperties: false },
);
const taskParameters = Type.Object({ id: Type.String() });
const readQuery = Type.Object(
  {
    wait: Type.Optional(
      Type.String({
        pattern: '^([1-9]|[1-5]\\d|60)$',
        rule: `must be an integer from 1 to ${longestWaitSeconds}, in seconds`,
      }),
    ),
  },
  { additionalProperties: false },
);

/** `POST /tasks`, `GET /tasks`, `GET /tasks/{id}`. */
export function taskRoutes(dependencies: AppDependencies): FastifyPluginAsyncTypebox {
  const { authenticate, tasksOf, submitTask, readTask, awaitNews } = dependencies;
  return async (app) => {
    app.addHook('onRequest', async (request) => {
      request.user = await authenticate(request.headers.authorization);
    });

    app.register(taskEvents(dependencies));

    // Carried through even when the client is gone: its insert may have reached Supabase.
    app.post('/tasks', { schema: { body: newTask } }, async ({ user, body }, reply) => {
      const { mandate, max_ticks: maxTicks = defaultMaxTicks } = body;
      const task = await submitTask(tasksOf(user), { userId: user.id, mandate, maxTicks });
      return reply.code(202).header('location', `/tasks/${task.correlationId}`).send(taskJson(task));
    });

    app.get('/tasks', { schema: { querystring: listQuery } }, async ({ user, query }, reply) => {
      const tasks = await tasksOf(user).list(Number(query.limit ?? 100), untilAnswered(reply));
      return { tasks: tasks.map(taskJson) };
    });

    app.get(
      '/tasks/:id',
      { schema: { params: taskParameters, querystring: readQuery } },
      async ({ user, params, query, headers }, reply) => {
        const id = taskId(params.id);
        const known = headers['if-none-match'];
        const isKnown = known === undefined ? null : (task: Task) => isNamed(known, task);
        const signal = untilAnswered(reply);
        const task = query.wait
          ? await awaitNews(user, id, { isKnown, waitMs: Number(query.wait) * 1000, signal })
          : await readTask(tasksOf(user), user.id, id, signal);
        reply.header('etag', etagOf(task));
        return isKnown?.(task) ? reply.code(304).send() : taskJson(task);
      },
    );
  };
}
