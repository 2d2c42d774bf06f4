import { EventEmitter } from 'node:events';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { syncOutcomes } from '@tickwork/task/task';
import { causesOf, type ErrorCode, framesOf } from './tasks/errors.ts';
import type { RefreshOutcome } from './tasks/watch/watched-task.ts';
import type { WatchKind } from './tasks/watch/watcher.ts';

/** `failed`: Supabase did not answer, or did not take the token. */
export const readSyncOutcomes = [...syncOutcomes, 'failed'] as const;
export type ReadSyncOutcome = (typeof readSyncOutcomes)[number];
export const dispatchOutcomes = ['published', 'left_to_reconciler'] as const;
export const ownersEnds = ['cancelled', 'deleted'] as const;

export interface GatewayEvents {
  submitted: [{ correlationId: string }];
  /** Whether a new task was on its way when its submit was answered; what was not is the reconciler's. */
  dispatched: [{ correlationId: string; outcome: (typeof dispatchOutcomes)[number]; seconds: number }];
  /** The lag, where the row holds it now: from the worker's stamp, by the clocks of two hosts. */
  synced_on_read: [{ correlationId: string; outcome: ReadSyncOutcome; lagSeconds: number | null }];
  /** By this call: one that had ended before is not told. */
  ended_by_owner: [{ correlationId: string; outcome: (typeof ownersEnds)[number] }];
  /** One more or one less who watches a task. */
  watching: [{ kind: WatchKind; change: 1 | -1 }];
  /** A watched task was read for all who watch it. */
  refreshed: [{ outcome: RefreshOutcome }];
  /** An answer of 5xx, and why. */
  failed: [{ method: string; route: string; code: ErrorCode; error: unknown; traceId: string | null }];
  /** A refusal or a failure. */
  problem: [{ code: ErrorCode }];
  /** A route that can be asked for from now on. */
  route_added: [{ method: string; route: string }];
  /** `waited`: it was asked to wait for news. */
  responded: [{ method: string; route: string; waited?: boolean; status: number; seconds: number }];
}

export type GatewayEmitter = EventEmitter<GatewayEvents>;
export const createGatewayEvents = (): GatewayEmitter => new EventEmitter<GatewayEvents>();

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
  events.on('ended_by_owner', ({ correlationId: correlation_id, outcome }) =>
    logger.info({ correlation_id, outcome }, 'task ended by its owner'),
  );
  events.on('synced_on_read', ({ correlationId: correlation_id, outcome }) =>
    logger.debug({ correlation_id, outcome }, 'synced on a read'),
  );
}
