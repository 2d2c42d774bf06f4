import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { answer, problems } from '../openapi/answers.ts';
import { workerCountSchema } from '../schemas/system.ts';

const schema = {
  operationId: 'getWorkerCount',
  summary: 'How many workers there are',
  tags: ['Operations'],
  response: { 200: answer(workerCountSchema, 'Workers that are there'), ...problems([]) },
};

/** `GET /worker-count` */
export function workerCount({ systemInfo }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/worker-count', { schema }, async () => {
      const { activeWorkers } = await systemInfo();
      return { activeWorkers };
    });
  };
}
