import type { FastifyInstance } from 'fastify';
import { requireUser } from '../authenticated.ts';
import type { AppDependencies } from '../dependencies.ts';
import { limitRequests } from '../rate-limit.ts';
import { cancelTask } from './cancel-task.ts';
import { createTask } from './create-task.ts';
import { deleteTask } from './delete-task.ts';
import { getQuota } from './get-quota.ts';
import { getTask } from './get-task.ts';
import { health } from './health.ts';
import { getTasks } from './list-tasks.ts';
import { retryTask } from './retry-task.ts';
import { systemInfo } from './system-info.ts';
import { taskEvents } from './task-events.ts';
import { version } from './version.ts';
import { workerCount } from './worker-count.ts';

const reading = [getTasks, getTask, taskEvents, getQuota];
/** Their number is limited. */
const writing = [createTask, cancelTask, retryTask, deleteTask];
const ofAnyone = [health, version, systemInfo, workerCount];

/** Every route of the API: who may call it, and how often, is decided here. */
export function registerRoutes(app: FastifyInstance, dependencies: AppDependencies): void {
  app.register(async (users) => {
    requireUser(users, dependencies.authenticate);
    for (const route of reading) users.register(route(dependencies));
    users.register(async (writers) => {
      await limitRequests(writers, dependencies.writesPerMinute);
      for (const route of writing) writers.register(route(dependencies));
    });
  });
  for (const route of ofAnyone) app.register(route(dependencies));
}
