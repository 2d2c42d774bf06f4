import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TaskError } from '../../tasks/errors.ts';
import type { AppDependencies } from '../dependencies.ts';

/** Of what the inner application answers: all else is the outer's. */
const passedOn = [
  'content-type',
  'content-security-policy',
  'cache-control',
  'etag',
  'last-modified',
  'location',
];

/**
 * `GET /openapi.json`, and `/docs` for people. Made by an application of its own when somebody first asks: it takes some
 * megabytes, and most processes are never asked.
 */
export function registerReference(app: FastifyInstance, dependencies: AppDependencies): void {
  const make = async () => (await import('./reference-app.ts')).buildReferenceApp(dependencies);
  let making: ReturnType<typeof make> | null = null;
  function reference() {
    making ??= make();
    making.catch(() => {
      making = null; // whoever asks next tries again
    });
    return making;
  }

  async function answer({ url, headers }: FastifyRequest, reply: FastifyReply) {
    // `/docs/%2e%2e/health` would be the inner application's /health.
    if (!/^\/(openapi\.json$|docs(\/|$))/.test(new URL(url, 'http://localhost').pathname))
      throw new TaskError('not_found');
    const { 'if-none-match': known } = headers;
    const given = await (await reference()).inject({
      method: 'GET',
      url,
      headers: known ? { 'if-none-match': known } : {},
    });
    if (given.statusCode >= 500) throw new Error('the reference could not be shown');
    if (given.statusCode >= 400) throw new TaskError('not_found');
    for (const name of passedOn) {
      const value = given.headers[name];
      if (value !== undefined) reply.header(name, value);
    }
    return reply.code(given.statusCode).send(given.rawPayload);
  }

  for (const url of ['/openapi.json', '/docs', '/docs/*']) app.get(url, answer);
}
