import type { Instruments } from '@tickwork/runtime/telemetry/instruments';
import { findings } from '@tickwork/task/ports';
import { passNames, type ReconcilerEmitter, walkNames } from './events.ts';

/** How the passes go, and what they meet. */
export function measurePasses(events: ReconcilerEmitter, instruments: Instruments): void {
  const { counter, gauge, histogram } = instruments;
  const labels = { pass: passNames };
  const duration = histogram({
    name: 'tickwork_reconciler_pass_seconds',
    help: 'Duration of a pass that ended well.',
    labels,
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30, 120],
  });
  const success = gauge({
    name: 'tickwork_reconciler_last_success_timestamp_seconds',
    help: 'When a pass last ended well; none before the first, as in a reconciler that only stood by.',
    labels,
  });
  const failures = counter({
    name: 'tickwork_reconciler_pass_failures_total',
    help: 'Passes that failed and are tried again.',
    labels,
  });
  events.on('pass_ended', ({ pass, durationMs }) => {
    duration.observe({ pass }, durationMs / 1000);
    success.set({ pass }, Date.now() / 1000);
  });
  events.on('pass_failed', ({ pass }) => failures.inc({ pass }));
  measureFindings(events, instruments);
}

function measureFindings(events: ReconcilerEmitter, { counter, gauge }: Instruments): void {
  const keys = gauge({
    name: 'tickwork_reconciler_scan_keys',
    help: 'Keys under task: that the last walk over Redis looked at; after a lost connection some twice.',
    labels: { pass: walkNames },
  });
  const found = counter({
    name: 'tickwork_reconciler_findings_total',
    help: 'What hints named and walks found: records that are ahead, due or quiet, and foreign keys, which are skipped.',
    labels: { pass: ['hints', ...walkNames], finding: findings },
  });
  const foreign = counter({
    name: 'tickwork_reconciler_foreign_keys_total',
    help: 'Keys that look like records and are none, and are skipped: told when the walk is over.',
    labels: { pass: walkNames },
  });
  events.on('found', ({ pass, found: items }) => {
    for (const { finding } of items) found.inc({ pass, finding });
  });
  events.on('walked', ({ pass, keys: count }) => keys.set({ pass }, count));
  events.on('foreign_keys', ({ pass, count }) => foreign.inc({ pass }, count));
}
