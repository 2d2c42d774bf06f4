import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { clean } from './decide.harness.ts';
import { createReconcilerEvents } from './events.ts';
import { measureReconciler } from './metrics.ts';
import type { Action } from './plan.ts';

function measured() {
  const registry = new Registry();
  const events = createReconcilerEvents();
  measureReconciler(events, registry);
  return { events, metrics: () => registry.metrics() };
}

test('actions are counted by reason; that of a wrong clock is there before the first, so that the first one alerts', async () => {
  const { events, metrics } = measured();
  const action: Action = { kind: 'rebase', reason: 'clock_wrong', sent: clean, rowUpdatedAt: 1 };
  const wrong =
    'tickwork_reconciler_actions_total{pass="hints",kind="rebase",reason="clock_wrong",outcome="done"}';
  expect(await metrics()).toContain(`${wrong} 0`);
  events.emit('acted', { pass: 'hints', action, outcome: 'done' });
  expect(await metrics()).toContain(`${wrong} 1`);
});

test('the lag of a confirm is observed, never below 0', async () => {
  const { events, metrics } = measured();
  for (const lagSeconds of [-5, 0.3]) {
    const action: Action = { kind: 'confirm', reason: 'applied', sent: clean, lagSeconds };
    events.emit('acted', { pass: 'hints', action, outcome: 'done' });
  }
  expect(await metrics()).toContain('tickwork_sync_lag_seconds_count 2');
  expect(await metrics()).toContain('tickwork_sync_lag_seconds_sum 0.3');
});

test('foreign keys are counted', async () => {
  const { events, metrics } = measured();
  events.emit('foreign_keys', { pass: 'scan', count: 7, names: ['a', 'b', 'c'] });
  expect(await metrics()).toContain('tickwork_reconciler_foreign_keys_total{pass="scan"} 7');
});

test('the circuit is 1 in the one state that holds, closed from the start', async () => {
  const { events, metrics } = measured();
  const circuit = async () =>
    [...(await metrics()).matchAll(/tickwork_reconciler_circuit\{state="(\w+)"\} 1/g)].map(
      ([, state]) => state,
    );
  expect(await circuit()).toEqual(['closed']);
  events.emit('circuit_changed', { state: { kind: 'open', openings: 1, until: 1 }, cause: null });
  expect(await circuit()).toEqual(['open']);
});

test('what can occur is there before it does, and nothing else', async () => {
  const { metrics } = measured();
  const samples = (await metrics()).match(/^tickwork_reconciler_actions_total\{.*pass="repair".*/gm) ?? [];
  expect(samples).toContain(
    'tickwork_reconciler_actions_total{pass="repair",kind="seed",reason="no_record",outcome="has_record"} 0',
  );
  expect(samples.filter((sample) => sample.includes('kind="seed"'))).toHaveLength(4);
  expect(samples.every((sample) => sample.endsWith(' 0'))).toBe(true);
});

test('an update that Supabase answered is counted by its status and what it made of it', async () => {
  const { events, metrics } = measured();
  events.emit('synced', { status: 'completed', outcome: 'stale' });
  expect(await metrics()).toContain('tickwork_reconciler_syncs_total{status="completed",outcome="stale"} 1');
});

test('keys of the last walk, and what was found by kind', async () => {
  const { events, metrics } = measured();
  events.emit('found', {
    pass: 'scan',
    found: [
      { correlationId: 'a', finding: 'ahead' },
      { correlationId: 'b', finding: 'ahead' },
    ],
  });
  events.emit('walked', { pass: 'scan', keys: 5 });
  events.emit('walked', { pass: 'scan', keys: 4 });
  expect(await metrics()).toContain('tickwork_reconciler_findings_total{pass="scan",finding="ahead"} 2');
  expect(await metrics()).toContain('tickwork_reconciler_scan_keys{pass="scan"} 4');
});
