import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defaultMaxTicks, maxMandateLength, maxTicksLimit } from '@tickwork/task/envelope';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { type FieldError, TaskError } from '../../tasks/errors.ts';
import type { AppDependencies } from '../dependencies.ts';
import { taskJson } from '../task-json.ts';

const newTask = Type.Object(
  {
    mandate: Type.String(),
    max_ticks: Type.Optional(Type.Integer({ minimum: 1, maximum: maxTicksLimit })),
  },
  { additionalProperties: false },
);
const listQuery = Type.Object(
  { limit: Type.Optional(Type.String({ pattern: '^([1-9]\\d{0,2}|1000)$' })) },
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
    app.post('/tasks', { schema: { body: newTask } }, async ({ headers, body }, reply) => {
      const user = await authenticate(headers.authorization);
      requireMandate(body.mandate);
      const submission = {
        userId: user.id,
        mandate: body.mandate,
        maxTicks: body.max_ticks ?? defaultMaxTicks,
      };
      const task = await submitTask(tasksOf(user), submission, untilAnswered(reply));
      return reply.code(202).header('location', `/tasks/${task.correlationId}`).send(taskJson(task));
    });

    app.get('/tasks', { schema: { querystring: listQuery } }, async ({ headers, query }, reply) => {
      const user = await authenticate(headers.authorization);
      const tasks = await tasksOf(user).list(Number(query.limit ?? 100), untilAnswered(reply));
      return { tasks: tasks.map(taskJson) };
    });

    app.get<{ Params: { id: string } }>('/tasks/:id', async ({ headers, params }, reply) => {
      const user = await authenticate(headers.authorization);
      // What can't be an id is answered like one that nobody has.
      if (!uuid.test(params.id)) throw new TaskError('not_found');
      return taskJson(await readTask(tasksOf(user), user.id, params.id.toLowerCase(), untilAnswered(reply)));
    });
  };
}

function requireMandate(mandate: string): void {
  const refuse = (rule: string) => {
    const error: FieldError = { field: 'mandate', rule };
    throw new TaskError('invalid', undefined, [error]);
  };
  if (mandate.trim() === '') refuse('must not be blank');
  if (mandate.includes('\u0000')) refuse('must not hold NUL');
  if (!mandate.isWellFormed()) refuse('must be well-formed Unicode');
  if ([...mandate].length > maxMandateLength) refuse(`must have at most ${maxMandateLength} characters`);
}

/** Aborts when the client has its answer or is gone. (A request's own `close` comes as soon as its body has been read.) */
function untilAnswered(reply: FastifyReply): AbortSignal {
  const answered = new AbortController();
  reply.raw.once('close', () => answered.abort());
  return answered.signal;
}
