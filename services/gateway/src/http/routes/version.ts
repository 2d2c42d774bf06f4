import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { answer, problems } from '../openapi/answers.ts';
import { versionSchema } from '../schemas/system.ts';

const schema = {
  operationId: 'getVersion',
  summary: "The gateway's version",
  tags: ['Operations'],
  response: { 200: answer(versionSchema, 'The version'), ...problems([]) },
};

/** `GET /version` */
export function version({ systemInfo }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/version', { schema }, async () => {
      const { gatewayVersion } = await systemInfo();
      return { version: gatewayVersion };
    });
  };
}
