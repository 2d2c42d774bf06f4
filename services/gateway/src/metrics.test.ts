import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createGatewayEvents } from './events.ts';
import { stubDependencies } from './http/app.harness.ts';
import { buildApp } from './http/app.ts';
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
