import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { AppDependencies } from '../dependencies.ts';
import { listQuery } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';
import { untilAnswered } from '../until-answered.ts';

const schema = { querystring: listQuery, response: { 200: Type.Object({ tasks: Type.Array(taskSchema) }) } };

/** `GET /tasks`: straight from Supabase, newest first. */
export function listTasks({ tasksOf }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/tasks', { schema }, async ({ user, query }, reply) => {
      const tasks = await tasksOf(user).list(Number(query.limit ?? 100), untilAnswered(reply));
      return { tasks: tasks.map(taskJson) };
    });
  };
}
