import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type CircuitState, circuitStates } from './circuit-state.ts';
import { passNames, type ReconcilerEmitter } from './events.ts';

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
  const circuit = new Gauge({
    name: 'tickwork_reconciler_circuit',
    help: 'Whether Supabase is asked: 1 for the state that holds. Open: it failed again and again, and is left alone for a while.',
    labelNames: ['state'],
    registers,
  });
  const tellCircuit = (state: CircuitState['kind']) => {
    for (const kind of circuitStates) circuit.set({ state: kind }, kind === state ? 1 : 0);
  };
  tellCircuit('closed');
  events.on('circuit_changed', ({ state }) => tellCircuit(state.kind));
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
