import { EventEmitter } from 'node:events';
import { createConnectionLog } from '@tickwork/runtime/telemetry/connection-log';
import { createInstruments } from '@tickwork/runtime/telemetry/instruments';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import type { Registry } from 'prom-client';
import type { Plan } from './election.ts';

type ReasonOf<Kind extends Plan['kind']> = Extract<Plan, { kind: Kind }>['reason'];

/** `no_lease`: there is no election, so this process always leads. */
export type StartReason = ReasonOf<'create' | 'renew' | 'takeover'> | 'no_lease';
export type StopReason = ReasonOf<'stand_down'> | 'shutdown';

export interface LeaderEvents {
  started_leading: [{ reason: StartReason }];
  stopped_leading: [{ reason: StopReason }];
  /** '' when it was released. */
  holder_changed: [{ holder: string }];
  /** The API server did not do what it was asked. */
  lease_failed: [{ reason: string }];
}

export type LeaderEmitter = EventEmitter<LeaderEvents>;
export const createLeaderEvents = (): LeaderEmitter => new EventEmitter<LeaderEvents>();

export function measureLeader(events: LeaderEmitter, registry: Registry): void {
  const { counter, gauge } = createInstruments(registry);
  const leader = gauge({
    name: 'tickwork_reconciler_leader',
    help: '1 while this process leads, and so does the work; 0 while it stands by.',
  });
  const failures = counter({
    name: 'tickwork_reconciler_lease_failures_total',
    help: 'Calls about the Lease that the API server of Kubernetes did not do.',
  });
  events.on('started_leading', () => leader.set(1));
  events.on('stopped_leading', () => leader.set(0));
  events.on('lease_failed', () => failures.inc());
}

export function logLeader(events: LeaderEmitter, logger: Logger): void {
  events.on('started_leading', ({ reason }) => logger.info({ reason }, 'started leading'));
  events.on('stopped_leading', ({ reason }) => {
    logger[reason === 'shutdown' ? 'info' : 'warn']({ reason }, 'stopped leading');
  });
  events.on('holder_changed', ({ holder }) => logger.info({ holder }, 'the Lease has another holder'));
  const onFailed = createConnectionLog(logger, 'Kubernetes');
  events.on('lease_failed', ({ reason }) => onFailed(reason));
}
