import { EventEmitter } from 'node:events';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { causesOf, type ErrorCode, framesOf } from './tasks/errors.ts';
import type { RefreshOutcome } from './tasks/watch/watched-task.ts';
import type { WatchKind } from './tasks/watch/watcher.ts';

export interface GatewayEvents {
  submitted: [{ correlationId: string }];
  /** Whether a new task was on its way when its submit was answered; what was not is the reconciler's. */
  dispatched: [{ correlationId: string; outcome: 'published' | 'left_to_reconciler' }];
  synced_on_read: [{ correlationId: string; outcome: 'synced' | 'failed' }];
  /** One more or one less who watches a task. */
  watching: [{ kind: WatchKind; change: 1 | -1 }];
  /** A watched task was read for all who watch it. */
  refreshed: [{ outcome: RefreshOutcome }];
  /** An answer of 5xx, and why. */
  failed: [{ method: string; route: string; code: ErrorCode; error: unknown; traceId: string | null }];
  responded: [{ method: string; route: string; status: number; seconds: number }];
}

export type GatewayEmitter = EventEmitter<GatewayEvents>;
export const createGatewayEvents = (): GatewayEmitter => new EventEmitter<GatewayEvents>();

export function measureGateway(events: GatewayEmitter, registry: Registry): void {
  const registers = [registry];
  const requests = new Histogram({
    name: 'tickwork_http_request_duration_seconds',
    help: 'Duration of requests.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const submitted = new Counter({ name: 'tickwork_tasks_submitted_total', help: 'Tasks taken.', registers });
  const dispatched = new Counter({
    name: 'tickwork_tasks_dispatched_total',
    help: 'Where a new task stood when its submit was answered.',
    labelNames: ['outcome'],
    registers,
  });
  const synced = new Counter({
    name: 'tickwork_syncs_on_read_total',
    help: 'Reads that found Redis ahead.',
    labelNames: ['outcome'],
    registers,
  });
  const watchers = new Gauge({
    name: 'tickwork_watchers',
    help: 'Who watches a task now: event streams, and requests that wait.',
    labelNames: ['kind'],
    registers,
  });
  const refreshed = new Counter({
    name: 'tickwork_watch_refreshes_total',
    help: 'Reads of a watched task, each for all who watch it.',
    labelNames: ['outcome'],
    registers,
  });
  events.on('watching', ({ kind, change }) => watchers.inc({ kind }, change));
  events.on('refreshed', ({ outcome }) => refreshed.inc({ outcome }));
  events.on('responded', ({ method, route, status, seconds }) =>
    requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, seconds),
  );
  events.on('submitted', () => submitted.inc());
  events.on('dispatched', ({ outcome }) => dispatched.inc({ outcome }));
  events.on('synced_on_read', ({ outcome }) => synced.inc({ outcome }));
}

export function logGateway(events: GatewayEmitter, logger: Logger): void {
  events.on('responded', ({ method, route, status, seconds }) =>
    logger.info({ method, route, status, ms: Math.round(seconds * 1000) }, 'request'),
  );
  events.on('failed', ({ method, route, code, error, traceId: trace_id }) => {
    const failure = { method, route, code, trace_id, causes: causesOf(error) };
    if (code === 'internal') logger.error({ ...failure, at: framesOf(error) }, 'request failed');
    else logger.warn(failure, 'request failed');
  });
  events.on('dispatched', ({ correlationId: correlation_id, outcome }) =>
    logger.info({ correlation_id, outcome }, 'task submitted'),
  );
}
