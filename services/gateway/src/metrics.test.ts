import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, test, vi } from 'vitest';
import { createGatewayEvents } from './events.ts';
import { noTasks, stubDependencies } from './http/app.harness.ts';
import { buildApp } from './http/app.ts';
import type { AppDependencies } from './http/dependencies.ts';
import { measureGateway, routes } from './metrics.ts';

function measured() {
  const registry = new Registry();
  const events = createGatewayEvents();
  measureGateway(events, registry);
  return { events, metrics: () => registry.metrics() };
}

test.each([
  ['GET', '/tasks/:id', false, 200, 'method="GET",route="/tasks/:id",status="2xx"'],
  ['GET', '/tasks/:id', true, 304, 'method="GET",route="/tasks/:id?wait",status="3xx"'],
  ['GET', '/tasks', true, 422, 'method="GET",route="/tasks",status="4xx"'],
  ['PROPFIND', '/nowhere/5', false, 404, 'method="unknown",route="unknown",status="4xx"'],
])('a request is measured by closed sets: %s %s', async (method, route, waited, status, labels) => {
  const { events, metrics } = measured();
  events.emit('responded', { method, route, waited, status, seconds: 0.2 });
  expect(await metrics()).toContain(`tickwork_http_request_duration_seconds_count{${labels}} 1`);
});

/** A built app, and the counts of its requests by method, route and status. */
async function requestsOf(given: Partial<AppDependencies> = {}) {
  const { events, metrics } = measured();
  const app = buildApp({ ...stubDependencies(), ...given, events });
  await app.ready();
  const counts = async () =>
    [...(await metrics()).matchAll(/^tickwork_http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)].map(
      ([, labels = '', count]) => {
        const [method, route, status] = [...labels.matchAll(/"([^"]*)"/g)].map(([, value]) => value);
        return `${method} ${route} ${status} ${count}`;
      },
    );
  return { app, counts };
}

test('each route is there as failed, with 0 requests, before the first; what is no route is not', async () => {
  const { app, counts } = await requestsOf();
  const streams = ['/tasks/:id/events'];
  const tasks = ['/tasks', '/tasks/:id', '/tasks/:id?wait', '/quota'];
  const anyone = [
    '/health',
    '/version',
    '/system-info',
    '/worker-count',
    '/openapi.json',
    '/docs',
    '/docs/*',
  ];
  const gets = [...streams, ...tasks, ...anyone].map((route) => `GET ${route}`);
  const heads = [...tasks, ...anyone].map((route) => `HEAD ${route}`);
  const writes = ['POST /tasks', 'POST /tasks/:id/cancel', 'POST /tasks/:id/retry', 'DELETE /tasks/:id'];
  const all = [...gets, ...heads, ...writes].map((one) => `${one} 5xx 0`);
  expect((await counts()).toSorted()).toEqual(all.toSorted());
  await app.close();
});

test('where browsers may call, so is what they ask before', async () => {
  const { app, counts } = await requestsOf({ origins: ['http://localhost:3000'] });
  expect(await counts()).toContain('OPTIONS * 5xx 0');
  await app.close();
});

test('the first request that fails is an increase', async () => {
  const quota = () => Promise.reject(new Error('no answer'));
  const { app, counts } = await requestsOf({ tasksOf: () => ({ ...noTasks, quota }) });
  expect(await counts()).toContain('GET /quota 5xx 0');
  await app.inject({ url: '/quota', headers: { authorization: 'Bearer good' } });
  await vi.waitFor(async () => expect(await counts()).toContain('GET /quota 5xx 1'));
  await app.close();
});

test('problems are counted by their code, syncs on read by their outcome and with their lag', async () => {
  const { events, metrics } = measured();
  events.emit('problem', { code: 'quota_exceeded' });
  const correlationId = 'c1';
  events.emit('synced_on_read', { correlationId, outcome: 'applied', lagSeconds: -3 });
  events.emit('synced_on_read', { correlationId, outcome: 'failed', lagSeconds: null });
  const text = await metrics();
  expect(text).toContain('tickwork_http_problems_total{code="quota_exceeded"} 1');
  expect(text).toContain('tickwork_http_problems_total{code="rate_limited"} 0');
  expect(text).toContain('tickwork_syncs_on_read_total{outcome="applied"} 1');
  expect(text).toContain('tickwork_syncs_on_read_total{outcome="failed"} 1');
  expect(text).toContain('tickwork_sync_lag_seconds_count 1');
  expect(text).toContain('tickwork_sync_lag_seconds_sum 0');
});

test('the time to a publish is that of tasks that were published', async () => {
  const { events, metrics } = measured();
  events.emit('dispatched', { correlationId: 'c1', outcome: 'published', seconds: 0.02 });
  events.emit('dispatched', { correlationId: 'c2', outcome: 'left_to_reconciler', seconds: 0.3 });
  expect(await metrics()).toContain('tickwork_dispatch_duration_seconds_count 1');
  expect(await metrics()).toContain('tickwork_dispatch_duration_seconds_sum 0.02');
});

test('every route of the API is a label, and no label is a route that is gone', async () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8');
  const { paths } = JSON.parse(text) as { paths: Record<string, unknown> };
  const documented = Object.keys(paths).map((path) => path.replace('{id}', ':id'));
  expect(documented.filter((path) => !routes.some((route) => route === path))).toEqual([]);
  const app = buildApp(stubDependencies());
  await app.ready();
  const methods = ['GET', 'POST', 'DELETE', 'OPTIONS'] as const;
  const served = (url: string) => methods.some((method) => app.hasRoute({ method, url }));
  const ofNoPath = ['/tasks/:id?wait', '*', 'unknown'];
  expect(routes.filter((route) => !ofNoPath.includes(route) && !served(route))).toEqual([]);
  await app.close();
});
