import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { TaskError } from '../tasks/errors.ts';
import { longestWaitSeconds } from '../tasks/watch/await-news.ts';
import { refuseConnection, refuseUrl } from './broken-http.ts';
import type { AppDependencies } from './dependencies.ts';
import { makeConnectionsDetachable } from './detachable-connections.ts';
import { sendProblem, toProblem } from './problem.ts';
import { taskRoutes } from './routes/tasks.ts';
import { traceRequests } from './traced-requests.ts';
import { compileValidator } from './validation.ts';

const bodyLimit = 1_048_576;

/** The API. Never listens. */
export function buildApp(dependencies: AppDependencies) {
  const { events, checkHealth, requestTimeoutMs } = dependencies;
  const app = fastify({
    bodyLimit,
    requestTimeout: requestTimeoutMs,
    // Silence on a connection, in either direction: longer than an answer may take to come, also one that waits for news.
    connectionTimeout: longestWaitSeconds * 1000 + requestTimeoutMs,
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: requestTimeoutMs / 10 },
    return503OnClosing: false,
    frameworkErrors: refuseUrl,
    clientErrorHandler: refuseConnection,
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(compileValidator);
  makeConnectionsDetachable(app.server);
  app.removeContentTypeParser('text/plain');
  traceRequests(app, events);
  // Else a connection that was busy when the server closed would be kept alive, and hold up the shutdown.
  app.addHook('onSend', async (_request, reply) => {
    if (!app.server.listening) reply.header('connection', 'close');
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error, request.traceId);
    if (problem.status >= 500 && !reply.raw.destroyed) {
      const { method, routeOptions, traceId } = request;
      const { code } = problem;
      events.emit('failed', { method, route: routeOptions.url ?? 'unknown', code, error, traceId });
    }
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler(({ method, url }: FastifyRequest, reply: FastifyReply) => {
    const path = url.split('?')[0] ?? '';
    const allowed = (['GET', 'POST'] as const).filter((other) =>
      app.hasRoute({ url: route(path), method: other }),
    );
    if (allowed.length === 0 || allowed.some((other) => other === method)) throw new TaskError('not_found');
    reply.header('allow', allowed.join(', '));
    throw new TaskError('method_not_allowed');
  });
  app.register(taskRoutes(dependencies));
  app.get('/health', async (_request, reply) => {
    const health = await checkHealth();
    return reply.code(health.healthy ? 200 : 503).send(health);
  });
  return app;
}

const route = (path: string) => path.replace(/^\/tasks\/[^/]+(?=\/events$|$)/, '/tasks/:id');
