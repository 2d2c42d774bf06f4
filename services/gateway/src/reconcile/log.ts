import { createConnectionLog, reasonOf } from '@tickwork/runtime/telemetry/connection-log';
import type { Logger } from '@tickwork/runtime/telemetry/logger';
import type { CircuitState } from './circuit-state.ts';
import type { ReconcilerEmitter } from './events.ts';
import { correlationIdOf, countPlan, type Plan } from './plan.ts';
import { createTokenLog } from './token-notice.ts';

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
  events.on('circuit_changed', ({ state, cause }) => logCircuit(logger, state, cause));
  events.on('token_checked', createTokenLog(logger));
  logSchema(events, logger);
}

const circuitLines: Readonly<Record<CircuitState['kind'], string>> = {
  closed: 'Supabase answers again',
  half_open: 'Supabase is tried',
  open: 'Supabase is left alone: it failed again and again',
};

/** A line when Supabase goes and one when it is back; the tries between them are for the debug level. */
function logCircuit(logger: Logger, state: CircuitState, cause: unknown): void {
  const reason = cause === undefined ? {} : { reason: reasonOf(cause) };
  logger[circuitLevel(state)](reason, circuitLines[state.kind]);
}

function circuitLevel(state: CircuitState): 'warn' | 'info' | 'debug' {
  if (state.kind === 'closed') return 'info';
  return state.kind === 'open' && state.openings === 1 ? 'warn' : 'debug';
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
