import type { FastifyInstance, FastifyRequest } from 'fastify';
import { TaskError } from '../tasks/errors.ts';

const methods = ['GET', 'POST', 'DELETE'] as const;

/** 405 where other methods lead somewhere, else 404; before the body is looked at, whatever the method. */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  const allowedAt = ({ url }: FastifyRequest) => {
    const path = url.split('?')[0]?.replace(/^\/tasks\/[^/]+/, '/tasks/:id') ?? '';
    return methods.filter((method) => app.hasRoute({ url: path, method }));
  };
  // Not at onRequest: CORS' own hook comes there, and a page shall be able to read this too.
  app.addHook('preParsing', async (request, reply) => {
    if (!request.is404) return;
    const allowed = allowedAt(request);
    if (allowed.length === 0) throw new TaskError('not_found');
    reply.header('allow', allowed.join(', '));
    throw new TaskError('method_not_allowed');
  });
}
