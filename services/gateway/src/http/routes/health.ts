import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';

/** `GET /health`, for people and monitors; Kubernetes asks the admin port. */
export function health({ checkHealth }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/health', async (_request, reply) => {
      const found = await checkHealth();
      return reply.code(found.healthy ? 200 : 503).send(found);
    });
  };
}
