import { currentTraceparent, failSpan, SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayEmitter } from '../events.ts';

declare module 'fastify' {
  interface FastifyRequest {
    traceId: string | null;
  }
}

/** Each request runs in a span of its own, which ends with the answer, and is told as `responded`; each route as `route_added`. */
export function traceRequests(app: FastifyInstance, events: GatewayEmitter): void {
  app.decorateRequest('traceId', null);
  app.addHook('onRoute', ({ method, url: route }) => {
    for (const each of [method].flat()) events.emit('route_added', { method: each, route });
  });
  app.addHook('onRequest', (request, reply, done) => {
    const parent = request.headers['traceparent'];
    const { url: route } = request.routeOptions;
    const name = route ? `${request.method} ${route}` : request.method;
    const attributes = {
      'http.request.method': request.method,
      'url.scheme': request.protocol,
      ...(route && { 'http.route': route }),
    };
    const options = {
      kind: SpanKind.SERVER,
      attributes,
      parent: typeof parent === 'string' ? parent : null,
    };
    const answered = new Promise<void>((resolve) => reply.raw.once('close', resolve));
    void withSpan(name, options, async (span) => {
      request.traceId = currentTraceparent()?.split('-')[1] ?? null;
      done();
      await answered;
      span.setAttributes(answerAttributes(request, reply));
      if (reply.statusCode >= 500) failSpan(span, String(reply.statusCode));
    });
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const event = { method, route: routeOptions.url ?? 'unknown', waited: waits(request) };
    events.emit('responded', { ...event, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });
}

/** What was refused may have anything for its path; so may a query. */
function answerAttributes({ url }: FastifyRequest, { statusCode }: FastifyReply) {
  return {
    'http.response.status_code': statusCode,
    ...(statusCode < 400 && { 'url.path': url.split('?')[0] }),
  };
}

function waits({ query }: FastifyRequest): boolean {
  return typeof query === 'object' && query !== null && 'wait' in query && Boolean(query.wait);
}
