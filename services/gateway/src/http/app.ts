import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyError } from 'fastify';
import { longestWaitSeconds } from '../tasks/watch/await-news.ts';
import { createRefusals } from './broken-http.ts';
import { setBrowserHeaders } from './browser-headers.ts';
import type { AppDependencies } from './dependencies.ts';
import { makeConnectionsDetachable } from './detachable-connections.ts';
import { readJsonBodies } from './json-body.ts';
import { refuseUnknownRoutes } from './no-route.ts';
import { registerReference } from './openapi/reference.ts';
import { sendProblem, toProblem } from './problem.ts';
import { registerRoutes } from './routes/routes.ts';
import { traceRequests } from './traced-requests.ts';
import { compileValidator } from './validation.ts';

const bodyLimit = 1_048_576;

/** The API. Never listens. */
export function buildApp(dependencies: AppDependencies) {
  const { events, origins, requestTimeoutMs } = dependencies;
  const { refuseUrl, refuseConnection } = createRefusals({ events, origins });
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
  readJsonBodies(app);
  makeConnectionsDetachable(app.server);
  traceRequests(app, events);
  setBrowserHeaders(app, origins);
  // Else a connection that was busy when the server closed would be kept alive, and hold up the shutdown.
  app.addHook('onSend', async (_request, reply) => {
    if (!app.server.listening) reply.header('connection', 'close');
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error, request.traceId);
    events.emit('problem', { code: problem.code });
    if (problem.status >= 500 && !reply.raw.destroyed) {
      const { method, routeOptions, traceId } = request;
      const { code } = problem;
      events.emit('failed', { method, route: routeOptions.url ?? 'unknown', code, error, traceId });
    }
    return sendProblem(reply, problem);
  });
  refuseUnknownRoutes(app);
  registerReference(app, dependencies);
  registerRoutes(app, dependencies);
  return app;
}
