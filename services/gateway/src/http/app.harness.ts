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
import type { AppDependencies } from './dependencies.ts';
import type { Problem } from './problem.ts';

export const traceId = '0af7651916cd43dd8448eb211c80319c';

/** The API on a port of its own, with one user, "Bearer good", whose Supabase does as it is told. */
export async function startApp(given: Partial<AppDependencies> = {}) {
  const tracing = startTracing({ serviceName: 'test', env: {} });
  const events = createGatewayEvents();
  const app = buildApp({
    authenticate: async (authorization) => {
      if (authorization !== 'Bearer good') throw new TaskError('unauthenticated');
      return { id: 'user', token: 'good', expiresAt: Date.now() / 1000 + 3600 };
    },
    tasksOf: () => tasks,
    submitTask: (on, { userId, mandate, maxTicks }) =>
      on.insert({ correlationId: 'made', userId, mandate, maxTicks }),
    readTask: notFound,
    awaitNews: notFound,
    watchTask: notFound,
    clock: createClock(),
    checkHealth: async () => ({ healthy: true }),
    events,
    requestTimeoutMs: 30_000,
    ...given,
  });
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

const notFound = () => Promise.reject(new TaskError('not_found'));

const tasks: UserTasks = {
  insert: async (task) => row(task),
  find: async () => null,
  list: async () => [],
  sync: async () => null,
};
