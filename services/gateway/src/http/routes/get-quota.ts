import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { AppDependencies } from '../dependencies.ts';
import { answer, userProblems } from '../openapi/answers.ts';
import { bearer } from '../openapi/document.ts';
import { untilAnswered } from '../until-answered.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const quotaSchema = Type.Object({
  limit: count('Tasks that may be submitted in a day'),
  used: count('Tasks that were submitted today'),
  left: count('What is left of them'),
  resets_at: Type.String({ format: 'date-time', description: 'When the next day begins, in UTC' }),
});
const schema = {
  operationId: 'getQuota',
  summary: "The user's quota of the day",
  tags: ['Tasks'],
  security: bearer,
  response: { 200: answer(quotaSchema, 'The quota'), ...userProblems() },
};

/** `GET /quota`, straight from Supabase. */
export function getQuota({ tasksOf }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/quota', { schema }, async ({ user }, reply) => {
      const { limit, used, left, resetsAt } = await tasksOf(user).quota(untilAnswered(reply));
      return { limit, used, left, resets_at: resetsAt };
    });
  };
}
