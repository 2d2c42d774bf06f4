import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { answer, problems } from '../openapi/answers.ts';
import { systemInfoSchema } from '../schemas/system.ts';

const schema = {
  operationId: 'getSystemInfo',
  summary: 'What a page shows of the system',
  tags: ['Operations'],
  response: { 200: answer(systemInfoSchema, 'Versions, and how many workers there are'), ...problems([]) },
};

/** `GET /system-info`: open to anyone, whatever bearer comes along; pages send the anon key. */
export function systemInfo(dependencies: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/system-info', { schema }, async () => dependencies.systemInfo());
  };
}
