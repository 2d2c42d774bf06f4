import type { FastifyInstance } from 'fastify';
import { requireUser } from '../authenticated.ts';
import type { AppDependencies } from '../dependencies.ts';
import { cancelTask } from './cancel-task.ts';
import { createTask } from './create-task.ts';
import { deleteTask } from './delete-task.ts';
import { getTask } from './get-task.ts';
import { health } from './health.ts';
import { getTasks } from './list-tasks.ts';
import { retryTask } from './retry-task.ts';

const ofAUser = [createTask, getTasks, getTask, cancelTask, deleteTask, retryTask];
const ofAnyone = [health];

/** Every route of the API: who may call it is decided here. */
export function registerRoutes(app: FastifyInstance, dependencies: AppDependencies): void {
  app.register(async (users) => {
    requireUser(users, dependencies.authenticate);
    for (const route of ofAUser) users.register(route(dependencies));
  });
  for (const route of ofAnyone) app.register(route(dependencies));
}
