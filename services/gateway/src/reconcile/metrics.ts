import { createInstruments, type Instruments } from '@tickwork/runtime/telemetry/instruments';
import { statuses } from '@tickwork/task/status';
import { syncOutcomes } from '@tickwork/task/task';
import type { Registry } from 'prom-client';
import { measureSyncLag } from '../sync-lag.ts';
import { type CircuitState, circuitStates } from './circuit-state.ts';
import { passNames, type ReconcilerEmitter } from './events.ts';
import { measurePasses } from './pass-metrics.ts';
import { type Action, actionOutcomes, actionReasons } from './plan.ts';

/** Metrics of the reconciler, on the registry given. Labels are closed sets; ids are in the log alone. */
export function measureReconciler(events: ReconcilerEmitter, registry: Registry): void {
  const instruments = createInstruments(registry);
  measureActions(events, instruments);
  measureSyncs(events, instruments);
  measurePasses(events, instruments);
  measureNeeds(events, instruments);
  const observeLag = measureSyncLag(registry);
  events.on('acted', ({ action }) => {
    if (action.kind === 'confirm') observeLag(action.lagSeconds);
  });
}

function measureActions(events: ReconcilerEmitter, { counter }: Instruments): void {
  const kinds = Object.keys(actionReasons) as Action['kind'][];
  const actions = counter({
    name: 'tickwork_reconciler_actions_total',
    help: 'Actions carried out, by pass, kind, reason and outcome: of the pass repair, what was repaired.',
    labels: {
      pass: passNames,
      kind: kinds,
      reason: [...new Set(kinds.flatMap((kind): readonly Action['reason'][] => actionReasons[kind]))],
      outcome: actionOutcomes,
    },
    sparse: true,
  });
  // From the start, so that the first one is an increase, and alerts. Only what can occur.
  for (const pass of passNames) {
    for (const kind of kinds) {
      for (const reason of actionReasons[kind]) {
        for (const outcome of outcomesOf(kind)) actions.inc({ pass, kind, reason, outcome }, 0);
      }
    }
  }
  events.on('acted', ({ pass, action: { kind, reason }, outcome }) =>
    actions.inc({ pass, kind, reason, outcome }),
  );
}

function outcomesOf(kind: Action['kind']): readonly (typeof actionOutcomes)[number][] {
  switch (kind) {
    case 'dispatch':
      return ['published', 'publish_failed', 'gave_up', 'not_due'];
    case 'seed':
      return ['done', 'has_record'];
    default:
      return ['done'];
  }
}

function measureSyncs(events: ReconcilerEmitter, { counter }: Instruments): void {
  const syncs = counter({
    name: 'tickwork_reconciler_syncs_total',
    help: 'Updates that Supabase answered, by the status that they carry and what it made of them. Several reports may be one update.',
    labels: { status: statuses, outcome: syncOutcomes },
  });
  events.on('synced', ({ status, outcome }) => syncs.inc({ status, outcome }));
}

/** What the passes need: a Supabase that answers, and a token. */
function measureNeeds(events: ReconcilerEmitter, { gauge }: Instruments): void {
  const circuit = gauge({
    name: 'tickwork_reconciler_circuit',
    help: 'Whether Supabase is asked: 1 for the state that holds. Open: it failed again and again, and is left alone for a while.',
    labels: { state: circuitStates },
  });
  const tellCircuit = (state: CircuitState['kind']) => {
    for (const kind of circuitStates) circuit.set({ state: kind }, kind === state ? 1 : 0);
  };
  tellCircuit('closed');
  events.on('circuit_changed', ({ state }) => tellCircuit(state.kind));
  const tokenExpiry = gauge({
    name: 'tickwork_reconciler_token_expiry_timestamp_seconds',
    help: "When the reconciler's token runs out; 0 where it has no exp or can't be used.",
  });
  events.on('token_checked', (state) =>
    tokenExpiry.set(state.kind === 'usable' ? (state.expiresAt ?? 0) : 0),
  );
}
