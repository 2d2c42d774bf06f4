import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { answer, problems } from '../openapi/answers.ts';
import { healthSchema } from '../schemas/system.ts';

const schema = {
  operationId: 'getHealth',
  summary: 'Which dependencies answer, and what is to be done',
  tags: ['Operations'],
  response: {
    ...problems([]),
    200: answer(healthSchema, 'Users can be served'),
    503: answer(healthSchema, 'Without Supabase nobody can be served'),
  },
};

/** `GET /health`, for people and monitors; Kubernetes asks the admin port. */
export function health({ checkHealth }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/health', { schema }, async (_request, reply) => {
      const found = await checkHealth();
      return reply.code(found.healthy ? 200 : 503).send(found);
    });
  };
}
