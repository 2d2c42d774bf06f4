import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createClock } from '@tickwork/runtime/process/clock';
import { startTracing } from '@tickwork/runtime/telemetry/tracing';
import type { UserTasks } from '@tickwork/task/ports';
import { createGatewayEvents } from '../events.ts';
import { TaskError } from '../tasks/errors.ts';
import { row } from '../tasks/tasks.harness.ts';
import { buildApp } from './app.ts';
import type { User } from './authenticate.ts';
import type { AppDependencies } from './dependencies.ts';
import type { Problem } from './problem.ts';

export const traceId = '0af7651916cd43dd8448eb211c80319c';

/** A user whose token is good for an hour. */
export const userNamed = (id: string): User => ({ id, token: 'good', expiresAt: Date.now() / 1000 + 3600 });

const notFound = () => Promise.reject(new TaskError('not_found'));

/** What the API is built on, for one user, "Bearer good", who has no task. */
export function stubDependencies(): AppDependencies {
  return {
    authenticate: async (authorization) => {
      if (authorization !== 'Bearer good') throw new TaskError('unauthenticated');
      return userNamed('user');
    },
    tasksOf: () => noTasks,
    submitTask: async (on, { userId, mandate, maxTicks }) => ({
      task: await on.insert({ correlationId: 'made', userId, mandate, maxTicks }),
      isNew: true,
    }),
    readTask: notFound,
    awaitNews: notFound,
    watchTask: notFound,
    clock: createClock(),
    cancelTask: notFound,
    deleteTask: notFound,
    retryTask: notFound,
    checkHealth: async () => ({
      healthy: true,
      status: 'ok',
      supabase: { up: true, latency_ms: 1 },
      redis: { up: true, latency_ms: 1 },
      rabbitmq: { up: true, latency_ms: 1 },
      backlog: { ready: 0, unfinished: 0, dead_letters: 0 },
    }),
    systemInfo: async () => ({
      title: 'Tickwork',
      gatewayVersion: '1.0.0',
      workerVersion: '1.0.0',
      activeWorkers: 2,
      lastUpdate: '2026-01-01T00:00:00.000Z',
      github: '',
    }),
    events: createGatewayEvents(),
    origins: [],
    writesPerMinute: 1000,
    requestTimeoutMs: 30_000,
  };
}

/** The API on a port of its own, with one user, "Bearer good", whose Supabase does as it is told. */
export async function startApp(given: Partial<AppDependencies> = {}) {
  const tracing = startTracing({ serviceName: 'test', env: {} });
  const dependencies = { ...stubDependencies(), ...given };
  const { events } = dependencies;
  const app = buildApp(dependencies);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      ...init,
      headers: {
        authorization: 'Bearer good',
        'content-type': 'application/json',
        traceparent: `00-${traceId}-b7ad6b7169203331-01`,
        ...init.headers,
      },
    });
  const post = (body: string, headers: Record<string, string> = {}) =>
    call('/tasks', { method: 'POST', body, headers });

  /** What comes back for these bytes, until the server ends the connection. */
  async function sendBytes(bytes: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(bytes);
    return text(socket);
  }

  return {
    app,
    port,
    events,
    call,
    post,
    sendBytes,
    close: async () => {
      await app.close();
      await tracing.shutdown();
    },
  };
}

export async function problemOf(response: Response): Promise<Problem & { readonly contentType: string }> {
  const contentType = response.headers.get('content-type') ?? '';
  return { contentType, ...((await response.json()) as Problem) };
}

/** Supabase without a task. */
export const noTasks: UserTasks = {
  insert: async (task) => row(task),
  find: async () => null,
  list: async () => [],
  count: async () => 0,
  quota: async () => ({ limit: 6, used: 2, left: 4, resetsAt: '2026-01-02T00:00:00Z' }),
  cancel: async () => null,
  remove: async () => null,
  sync: async () => null,
};
