import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import { SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import fastify from 'fastify';
import { TaskError } from '../tasks/errors.ts';
import type { AppDependencies } from './dependencies.ts';
import { toProblem } from './problem.ts';
import { taskRoutes } from './routes/tasks.ts';

const bodyLimit = 1_048_576;

/** The API. Never listens. */
export function buildApp(dependencies: AppDependencies) {
  const app = fastify({ bodyLimit, ajv: { customOptions: { removeAdditional: false, coerceTypes: false } } })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setErrorHandler((error, _request, reply) => {
    const problem = toProblem(error);
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer error="invalid_token"');
    if (problem.status === 503) reply.header('retry-after', '5');
    return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  app.setNotFoundHandler(({ method, url }, reply) => {
    const path = url.split('?')[0] ?? '';
    const allowed = (['GET', 'POST'] as const).filter((other) =>
      app.hasRoute({ url: route(path), method: other }),
    );
    if (allowed.length === 0 || allowed.some((other) => other === method)) throw new TaskError('not_found');
    reply.header('allow', allowed.join(', '));
    throw new TaskError('method_not_allowed');
  });
  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    const event = { method, route: routeOptions.url ?? 'unknown', status: reply.statusCode };
    dependencies.events.emit('responded', { ...event, seconds: reply.elapsedTime / 1000 });
  });
  app.addHook('onRequest', (request, reply, done) => {
    const parent = request.headers['traceparent'];
    const name = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    // The handlers run inside of the span; it ends with the answer.
    const answered = new Promise<void>((resolve) => reply.raw.once('close', resolve));
    withSpan(name, { kind: SpanKind.SERVER, parent: typeof parent === 'string' ? parent : null }, () => {
      done();
      return answered;
    });
  });
  app.register(taskRoutes(dependencies));
  app.get('/health', async (_request, reply) => {
    const health = await dependencies.checkHealth();
    return reply.code(health.healthy ? 200 : 503).send(health);
  });
  return app;
}

const route = (path: string) => (/^\/tasks\/[^/]+$/.test(path) ? '/tasks/:id' : path);
