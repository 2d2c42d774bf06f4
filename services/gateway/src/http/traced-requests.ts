import { currentTraceparent, SpanKind, withSpan } from '@tickwork/runtime/telemetry/trace-context';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayEmitter } from '../events.ts';

declare module 'fastify' {
  interface FastifyRequest {
    traceId: string | null;
  }
}

/** Each request runs in a span of its own, which ends with the answer, and is told as `responded`. */
export function traceRequests(app: FastifyInstance, events: GatewayEmitter): void {
  app.decorateRequest('traceId', null);
  app.addHook('onRequest', (request, reply, done) => {
    const parent = request.headers['traceparent'];
    const name = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    const answered = new Promise<void>((resolve) => reply.raw.once('close', resolve));
    withSpan(name, { kind: SpanKind.SERVER, parent: typeof parent === 'string' ? parent : null }, () => {
      request.traceId = currentTraceparent()?.split('-')[1] ?? null;
      done();
      return answered;
    });
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const event = { method, route: routeOptions.url ?? 'unknown', waited: waits(request) };
    events.emit('responded', { ...event, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });
}

function waits({ query }: FastifyRequest): boolean {
  return typeof query === 'object' && query !== null && 'wait' in query && Boolean(query.wait);
}
