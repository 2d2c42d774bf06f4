import { createInstruments, type Instruments } from '@tickwork/runtime/telemetry/instruments';
import type { Registry } from 'prom-client';
import { dispatchOutcomes, type GatewayEmitter, ownersEnds, readSyncOutcomes } from './events.ts';
import { measureSyncLag } from './sync-lag.ts';
import { catalogue, type ErrorCode } from './tasks/errors.ts';
import { refreshOutcomes } from './tasks/watch/watched-task.ts';
import { watchKinds } from './tasks/watch/watcher.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'unknown'] as const;
/** A read that waits for news, which takes as long as it was asked to. */
const waiting = '/tasks/:id?wait';
/** `*` is asked before a page of another origin calls; `unknown` leads nowhere. */
export const routes = [
  '/tasks',
  '/tasks/:id',
  waiting,
  '/tasks/:id/events',
  '/tasks/:id/cancel',
  '/tasks/:id/retry',
  '/quota',
  '/health',
  '/version',
  '/system-info',
  '/worker-count',
  '/openapi.json',
  '/docs',
  '/docs/*',
  '*',
  'unknown',
] as const;
const statusClasses = ['2xx', '3xx', '4xx', '5xx'] as const;

/** The API's metrics, on the registry given. Labels are closed sets; ids are in the log alone. */
export function measureGateway(events: GatewayEmitter, registry: Registry): void {
  const instruments = createInstruments(registry);
  measureRequests(events, instruments);
  measureTasks(events, instruments);
  measureWatching(events, instruments);
  const observeLag = measureSyncLag(registry);
  events.on('synced_on_read', ({ lagSeconds }) => {
    if (lagSeconds !== null) observeLag(lagSeconds);
  });
}

function measureRequests(events: GatewayEmitter, { counter, histogram }: Instruments): void {
  const requests = histogram({
    name: 'tickwork_http_request_duration_seconds',
    help: 'Time to the end of the answer; of an event stream to its begin. By route, never by path.',
    labels: { method: methods, route: routes, status: statusClasses },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });
  const problems = counter({
    name: 'tickwork_http_problems_total',
    help: 'Requests that were refused or failed, by the code in the answer.',
    labels: { code: Object.keys(catalogue) as ErrorCode[] },
  });
  const routeOf = (route: string, waited = false) =>
    waited && route === '/tasks/:id' ? waiting : oneOf(routes, route);
  events.on('route_added', ({ method, route }) => {
    // Only a read can wait.
    for (const label of new Set([routeOf(route), routeOf(route, /^(GET|HEAD)$/.test(method))])) {
      requests.zero({ method: oneOf(methods, method), route: label, status: '5xx' });
    }
  });
  events.on('responded', ({ method, route, waited, status, seconds }) =>
    requests.observe(
      {
        method: oneOf(methods, method),
        route: routeOf(route, waited),
        status: statusClasses.find((name) => name.startsWith(String(Math.floor(status / 100)))) ?? '5xx',
      },
      seconds,
    ),
  );
  events.on('problem', ({ code }) => problems.inc({ code }));
}

function oneOf<Name extends string>(names: readonly Name[], name: string): Name | 'unknown' {
  return names.find((known) => known === name) ?? 'unknown';
}

function measureTasks(events: GatewayEmitter, { counter, histogram }: Instruments): void {
  const submitted = counter({ name: 'tickwork_tasks_submitted_total', help: 'Tasks taken.' });
  const dispatched = counter({
    name: 'tickwork_tasks_dispatched_total',
    help: 'Where a new task stood when its submit was answered.',
    labels: { outcome: dispatchOutcomes },
  });
  const dispatch = histogram({
    name: 'tickwork_dispatch_duration_seconds',
    help: "From the row's insert to RabbitMQ's confirm, of tasks that were published before their submit was answered.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 10],
  });
  const ended = counter({
    name: 'tickwork_tasks_ended_by_owner_total',
    help: 'Tasks that their owner ended through the API.',
    labels: { outcome: ownersEnds },
  });
  const synced = counter({
    name: 'tickwork_syncs_on_read_total',
    help: 'Reads that found Redis ahead, by what Supabase made of the update.',
    labels: { outcome: readSyncOutcomes },
  });
  events.on('submitted', () => submitted.inc());
  events.on('dispatched', ({ outcome, seconds }) => {
    dispatched.inc({ outcome });
    if (outcome === 'published') dispatch.observe(seconds);
  });
  events.on('ended_by_owner', ({ outcome }) => ended.inc({ outcome }));
  events.on('synced_on_read', ({ outcome }) => synced.inc({ outcome }));
}

function measureWatching(events: GatewayEmitter, { counter, gauge }: Instruments): void {
  const watchers = gauge({
    name: 'tickwork_watchers',
    help: 'Who watches a task now: event streams, and requests that wait.',
    labels: { kind: watchKinds },
  });
  const refreshed = counter({
    name: 'tickwork_watch_refreshes_total',
    help: 'Reads of a watched task, each for all who watch it.',
    labels: { outcome: refreshOutcomes },
  });
  for (const kind of watchKinds) watchers.set({ kind }, 0);
  events.on('watching', ({ kind, change }) => watchers.inc({ kind }, change));
  events.on('refreshed', ({ outcome }) => refreshed.inc({ outcome }));
}
