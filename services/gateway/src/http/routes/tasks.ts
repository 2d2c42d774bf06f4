import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defaultMaxTicks, maxMandateLength, maxTicksLimit } from '@tickwork/task/envelope';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { TaskError } from '../../tasks/errors.ts';
import type { User } from '../authenticate.ts';
import type { AppDependencies } from '../dependencies.ts';
import { taskJson } from '../task-json.ts';

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
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** `POST /tasks`, `GET /tasks`, `GET /tasks/{id}`. */
export function taskRoutes({
  authenticate,
  tasksOf,
  submitTask,
  readTask,
}: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.addHook('onRequest', async (request) => {
      request.user = await authenticate(request.headers.authorization);
    });

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

    app.get<{ Params: { id: string } }>('/tasks/:id', async ({ user, params }, reply) => {
      // What can't be an id is answered like one that nobody has.
      if (!uuid.test(params.id)) throw new TaskError('not_found');
      return taskJson(await readTask(tasksOf(user), user.id, params.id.toLowerCase(), untilAnswered(reply)));
    });
  };
}

/** Aborts when the client has its answer or is gone. (A request's own `close` comes as soon as its body has been read.) */
function untilAnswered(reply: FastifyReply): AbortSignal {
  const answered = new AbortController();
  reply.raw.once('close', () => answered.abort());
  return answered.signal;
}
