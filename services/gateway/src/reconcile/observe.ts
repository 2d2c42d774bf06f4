import { createConnectionLog } from '@tickwork/runtime/telemetry/connection-log';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { passNames, type ReconcilerEmitter } from './events.ts';
import { correlationIdOf, countPlan, type Plan } from './plan.ts';
import { createTokenLog } from './token-notice.ts';

/** Metrics of the reconciler, on the registry given. Labels are closed sets; ids are in the log alone. */
export function measureReconciler(events: ReconcilerEmitter, registry: Registry): void {
  const registers = [registry];
  const actions = new Counter({
    name: 'tickwork_reconciler_actions_total',
    help: 'Actions carried out, by pass, kind, reason and outcome.',
    labelNames: ['pass', 'kind', 'reason', 'outcome'],
    registers,
  });
  // From the start, so that the first one is an increase, and alerts.
  for (const pass of passNames) {
    for (const kind of ['confirm', 'rebase']) {
      actions.inc({ pass, kind, reason: 'clock_wrong', outcome: 'done' }, 0);
    }
  }
  const lag = new Histogram({
    name: 'tickwork_sync_lag_seconds',
    help: "From a worker's write in Redis to Supabase's confirmation.",
    buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const duration = new Histogram({
    name: 'tickwork_reconciler_pass_seconds',
    help: 'Duration of a pass.',
    labelNames: ['pass'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120],
    registers,
  });
  const success = new Gauge({
    name: 'tickwork_reconciler_last_success_timestamp_seconds',
    help: 'When a pass last ended well.',
    labelNames: ['pass'],
    registers,
  });
  const failures = new Counter({
    name: 'tickwork_reconciler_pass_failures_total',
    help: 'Passes that failed and are tried again.',
    labelNames: ['pass'],
    registers,
  });
  const foreign = new Counter({
    name: 'tickwork_reconciler_foreign_keys_total',
    help: 'Keys that look like records and are none.',
    labelNames: ['pass'],
    registers,
  });
  const tokenExpiry = new Gauge({
    name: 'tickwork_reconciler_token_expiry_timestamp_seconds',
    help: "When the reconciler's token runs out; 0 where it has no exp or can't be used.",
    registers,
  });
  events.on('acted', ({ pass, action, outcome }) => {
    actions.inc({ pass, kind: action.kind, reason: action.reason, outcome });
    if (action.kind === 'confirm') lag.observe(Math.max(0, action.lagSeconds));
  });
  events.on('pass_ended', ({ pass, durationMs }) => {
    duration.observe({ pass }, durationMs / 1000);
    success.set({ pass }, Date.now() / 1000);
  });
  events.on('pass_failed', ({ pass }) => failures.inc({ pass }));
  events.on('foreign_keys', ({ pass, count }) => foreign.inc({ pass }, count));
  events.on('token_checked', (state) =>
    tokenExpiry.set(state.kind === 'usable' ? (state.expiresAt ?? 0) : 0),
  );
}

/** One line for each plan, by counts alone; ids are for the debug level. Plans that only confirm or leave all as it is are too. */
export function logReconciler(events: ReconcilerEmitter, logger: Logger): void {
  events.on('planned', ({ pass, plan }) => {
    logger[changes(plan) ? 'info' : 'debug']({ pass, plan: countPlan(plan) }, 'planned');
  });
  events.on('acted', ({ pass, action, outcome }) => {
    const { kind, reason } = action;
    logger.debug({ pass, kind, reason, outcome, correlation_id: correlationIdOf(action) }, 'acted');
  });
  events.on('foreign_keys', ({ pass, count, names }) => {
    logger.warn({ pass, count, names }, 'keys under task: are no records, and are passed over');
  });
  events.on('pass_failed', ({ pass, error, retryInMs }) => {
    logger.warn({ pass, err: error, retry_in_ms: Math.round(retryInMs) }, 'pass failed');
  });
  events.on('token_checked', createTokenLog(logger));
  logSchema(events, logger);
}

function logSchema(events: ReconcilerEmitter, logger: Logger): void {
  const onFailed = createConnectionLog(logger, 'Supabase');
  let told = '';
  events.on('schema_failed', ({ error }) => onFailed(error));
  events.on('schema_checked', ({ found }) => {
    if (found !== told) logger.info({ migration: found }, 'the database has the schema that is needed');
    told = found;
  });
}

const changes = ({ actions }: Plan) => actions.some(({ kind }) => kind !== 'confirm' && kind !== 'none');
