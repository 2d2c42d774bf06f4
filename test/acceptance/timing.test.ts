import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signIn, startTickwork, type TaskJson } from '../stack/tickwork-fixture.ts';
import { type Known, methodOf, type TaskRoute, taskRoutes, titleOf } from './isolation-routes.ts';
import { measure, type Sampling } from './paired-times.ts';
import { createRawHttp } from './raw-http.ts';

// Whether the time of an answer tells another's task from none. The task is as heavy as one can be, in Supabase and in Redis, and
// Redis has something newer: whatever looked at it would take longer. `make timing` measures all routes; every run of the tests
// looks at some, for what is plain to see.

const bound = 0.03;
const plantedMs = 1;
const pairs = Number(process.env['TIMING_PAIRS'] ?? 0);
const isWhole = pairs > 0;
const sampling: Sampling = isWhole
  ? { least: pairs, most: 20 * pairs, bound }
  : { least: 300, most: 300, bound };
const timeout = isWhole ? 1_800_000 : 120_000;
const routes = isWhole ? taskRoutes : taskRoutes.slice(0, 1);

let tickwork: Awaited<ReturnType<typeof startTickwork>>;
let http: ReturnType<typeof createRawHttp>;
let theirs: Known;
let token: string;
beforeAll(async () => {
  tickwork = await startTickwork({ services: ['api'], extraEnv: { api: { WRITES_PER_MINUTE: '100000' } } });
  const owner = await signIn(tickwork);
  const { id, correlation_id } = (await (await owner.post({ mandate: 'm'.repeat(8000) })).json()) as TaskJson;
  theirs = { id, correlation_id, etag: `"0-${id}"` };
  const result = JSON.stringify('r'.repeat(1_000_000));
  const { error } = await owner.supabase.from('tasks').update({ result }).eq('id', id);
  if (error) throw error;
  const redis = new Redis(tickwork.redis.url);
  const later = String(Date.now() * 1000 + 60_000_000);
  await redis.hset(`task:${correlation_id}`, { status: 'completed', updated_at: later, result });
  redis.disconnect();
  token = (await signIn(tickwork)).token;
  http = createRawHttp(tickwork.url);
});
afterAll(async () => {
  http.close();
  await tickwork.close();
});

/** How long the answer takes, in ms. With `busyMs` as if the product had worked that much longer on it. */
async function timeOf(route: TaskRoute, id: string, busyMs = 0): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, ...route.headers?.(theirs) };
  const begin = performance.now();
  const { status } = await http.ask({ method: methodOf(route.operation), path: route.path(id), headers });
  if (busyMs > 0) {
    const until = performance.now() + busyMs;
    while (performance.now() < until);
  }
  const end = performance.now();
  expect(status).toBe(404);
  return end - begin;
}

/** What is too loud to tell is no failure of a short look. */
const accepted = isWhole ? ['same'] : ['same', 'unclear'];

describe.each(routes.map((route) => [titleOf(route), route] as const))('%s', (_title, route) => {
  test.for(['correlation_id', 'id'] as const)(
    'takes as long for another’s %s as for none',
    { timeout },
    async (name, { annotate }) => {
      const { verdict, told } = await measure(
        () => timeOf(route, theirs[name]),
        () => timeOf(route, randomUUID()),
        sampling,
      );
      await annotate(told);
      expect(accepted, told).toContain(verdict);
    },
  );
});

describe('what this measures with', () => {
  const [route] = taskRoutes as [TaskRoute];
  const none = () => timeOf(route, randomUUID());

  test(`finds ${plantedMs} ms that are put on one side`, { timeout }, async ({ annotate }) => {
    const planted = () => timeOf(route, theirs.correlation_id, plantedMs);
    const { verdict, told } = await measure(planted, none, { ...sampling, most: 10_000 });
    await annotate(told);
    expect(verdict, told).toBe('different');
  });

  test('finds nothing between one that is asked for again and again, and others', { timeout }, async ({
    annotate,
  }) => {
    const constant = randomUUID();
    const { verdict, told } = await measure(() => timeOf(route, constant), none, sampling);
    await annotate(told);
    expect(accepted, told).toContain(verdict);
  });
});
