import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { AppDependencies } from '../dependencies.ts';
import { taskParameters } from '../schemas/parameters.ts';
import { taskJson, taskSchema } from '../schemas/task.ts';
import { untilAnswered } from '../until-answered.ts';

const schema = { params: taskParameters, response: { 200: taskSchema } };

/** `GET /tasks/{id}`, after what Redis has newer was brought to Supabase. */
export function getTask({ tasksOf, readTask }: AppDependencies): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get('/tasks/:id', { schema }, async ({ user, params }, reply) => {
      return taskJson(await readTask(tasksOf(user), user.id, params.id.toLowerCase(), untilAnswered(reply)));
    });
  };
}
