import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { TaskError } from '../tasks/errors.ts';

/** How many users' windows are remembered. */
const mostUsers = 10_000;

/**
 * All routes of `app` together take so many requests of one user in a minute. Counted in this process alone, on purpose: it keeps
 * a client from running away, no Redis that is away lets requests fail, and what a user may use up is the quota's business.
 */
export async function limitRequests(app: FastifyInstance, perMinute: number): Promise<void> {
  await app.register(rateLimit, { global: false, enableDraftSpec: true });
  const limit = app.rateLimit({
    max: perMinute,
    timeWindow: 60_000,
    cache: mostUsers,
    keyGenerator: ({ user }) => user.id,
    errorResponseBuilder: () => new TaskError('rate_limited'),
  });
  app.addHook('onRequest', limit);
}
