import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Clock, jittered } from '@tickwork/runtime/process/clock';
import { isFinal } from '@tickwork/task/status';
import type { Task } from '@tickwork/task/task';
import { Type } from 'typebox';
import { TaskError } from '../../tasks/errors.ts';
import { isNewer, parseVersion, type Version, versionOf } from '../../tasks/watch/version.ts';
import type { WatchStart } from '../../tasks/watch/watch-task.ts';
import type { AppDependencies } from '../dependencies.ts';
import { bare, userProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { noQuery, streamHeaders, taskParameters } from '../schemas/parameters.ts';
import { takeConnection } from '../take-connection.ts';
import { TaskStream } from '../task-stream.ts';
import { untilAnswered } from '../until-answered.ts';

const heartbeatMs = 15_000;
const retryMs = 2000;
/** Over how long those who are told to come back spread. */
const longestRetryMs = 5000;
/** How long a client may take to read the last event. */
const farewellMs = 2000;
const answerHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no', // nginx would keep events until its buffer is full
};
/** One event. `data` is JSON: the task, or for the last event why no more come. */
const eventSchema = Type.Object({
  id: Type.Optional(Type.String({ description: 'For `Last-Event-ID`' })),
  event: Type.Enum(['task', 'end', 'gone', 'expired', 'reconnect']),
  data: Type.String({ contentMediaType: 'application/json' }),
});
const schema = {
  operationId: 'watchTask',
  summary: 'Watch a task',
  description:
    'Server-sent events: `task` with the task as it is and with each newer state, and a last one, `end`, `gone`, `expired` or `reconnect`, which says why no more come.',
  tags: ['Tasks'],
  security: bearer,
  params: taskParameters,
  querystring: noQuery,
  headers: streamHeaders,
  response: {
    200: { description: 'The events', content: { 'text/event-stream': { schema: eventSchema } } },
    204: bare('The task has ended, and its last state is known: do not come back'),
    ...userProblems('not_found', 'invalid', 'too_many_watchers', 'overloaded'),
  },
};

/**
 * `GET /tasks/{id}/events`: the task as it is, and each newer state, as server-sent events `task`. The last event says why no more
 * come: `end` (the task is final), `gone` (it is deleted), `expired` (the token is), `reconnect` (this process shuts down). A client
 * that has all of a final task gets 204, which tells an EventSource not to come back.
 */
export function taskEvents({ watchTask, events, clock }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/tasks/:id/events',
      { schema, exposeHeadRoute: false },
      async ({ user, params, headers, method, routeOptions }, reply) => {
        const after = lastEventId(headers['last-event-id']);
        const start = await watchTask(user, params.id.toLowerCase(), 'stream', untilAnswered(reply));
        const seen = after && !isNewer(versionOf(start.task), after) ? after : null;
        if (seen && isFinal(start.task.status)) {
          start.place.leave();
          return reply.code(204).send();
        }
        events.emit('responded', {
          method,
          route: routeOptions.url ?? '',
          status: 200,
          seconds: reply.elapsedTime / 1000,
        });
        const connection = takeConnection(reply, answerHeaders);
        const stream = new TaskStream(connection, { heartbeatMs, farewellMs, clock });
        follow({ ...start, seen, stream, clock });
        connection.once('close', start.place.leave);
        if (connection.destroyed) start.place.leave();
        return reply;
      },
    );
  };
}

/** The state that the client has. Throws `invalid`. */
function lastEventId(header: string | undefined): Version | null {
  if (!header) return null;
  const version = parseVersion(header);
  if (version) return version;
  throw new TaskError('invalid', {
    errors: [{ field: 'last-event-id', rule: 'must be the id of an event of this API' }],
  });
}

interface Following extends WatchStart {
  /** What the client has, if that is all there is. */
  readonly seen: Version | null;
  readonly stream: TaskStream;
  readonly clock: Pick<Clock, 'random'>;
}

/** Shows each newer state until the last; one of another row under the same correlation_id is no state of this task. */
function follow({ task: first, place, seen, stream, clock }: Following): void {
  const { id } = first; // not all of it: it would be kept as long as the stream
  function finish(...event: Parameters<TaskStream['finish']>): void {
    place.leave();
    stream.finish(...event);
  }
  function show(task: Task): void {
    if (task.id === id) stream.show(task);
    if (task.id !== id) farewells.gone();
    else if (isFinal(task.status)) finish('end', { status: task.status });
  }
  const farewells = {
    gone: () => finish('gone', { detail: 'The task was deleted.' }),
    expired: () => finish('expired', { detail: 'The token has expired: come back with a new one.' }),
    closing: () =>
      finish(
        'reconnect',
        { detail: 'This server shuts down: come back.' },
        Math.round(jittered(clock, longestRetryMs)),
      ),
  };
  stream.begin(retryMs);
  if (!seen) show(first);
  place.begin(first.correlationId, seen ?? versionOf(first), {
    onTask: show,
    onEnd: (reason) => farewells[reason](),
    onTick: (now) => stream.beat(now),
  });
}
