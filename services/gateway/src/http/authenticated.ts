import type { FastifyInstance } from 'fastify';
import type { createAuthenticate, User } from './authenticate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before the body is read, on every route of a user's. */
    user: User;
  }
}

/** Every route of `app` asks for a user's token, before anything else of the request is looked at. */
export function requireUser(app: FastifyInstance, authenticate: ReturnType<typeof createAuthenticate>): void {
  app.addHook('onRequest', async (request) => {
    request.user = await authenticate(request.headers.authorization);
  });
}
