import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { clean, row } from './decide.harness.ts';
import { createReconcilerEvents } from './events.ts';
import { logReconciler, measureReconciler } from './observe.ts';
import type { Action } from './plan.ts';

const sent = clean;
const confirm: Action = { kind: 'confirm', reason: 'applied', sent, lagSeconds: -5 };
const settle: Action = { kind: 'settle', reason: 'row_final', key: row };
const rebase: Action = { kind: 'rebase', reason: 'clock_wrong', sent, rowUpdatedAt: 1 };

function logged(level: string) {
  const lines: Record<string, unknown>[] = [];
  const events = createReconcilerEvents();
  logReconciler(events, pino({ level }, { write: (line) => void lines.push(JSON.parse(line)) }));
  return { events, lines };
}

test('a plan is one line, by counts of kinds and reasons, without an id', () => {
  const { events, lines } = logged('info');
  const question = { kind: 'sync', record: clean } as const;
  const plan = { actions: [confirm, settle, confirm], questions: [question] };
  events.emit('planned', { pass: 'scan', plan });
  for (const action of plan.actions) events.emit('acted', { pass: 'scan', action, outcome: 'done' });
  expect(lines).toMatchObject([
    { pass: 'scan', plan: { confirm: { applied: 2 }, settle: { row_final: 1 }, ask: { sync: 1 } } },
  ]);
  expect(JSON.stringify(lines)).not.toContain(clean.correlationId);
});

test('a plan that only confirms or leaves all as it is says nothing, but at debug', () => {
  const quiet = logged('info');
  const debug = logged('debug');
  const none: Action = { kind: 'none', reason: 'in_order', correlationId: 'c1' };
  for (const { events } of [quiet, debug]) {
    events.emit('planned', { pass: 'hints', plan: { actions: [confirm, none], questions: [] } });
    events.emit('acted', { pass: 'hints', action: confirm, outcome: 'done' });
  }
  expect(quiet.lines).toEqual([]);
  expect(debug.lines).toMatchObject([
    { plan: { confirm: { applied: 1 }, none: { in_order: 1 } } },
    { kind: 'confirm', reason: 'applied', outcome: 'done', correlation_id: 'c1' },
  ]);
});

test('actions are counted by reason; that of a wrong clock is there before the first, so that the first one alerts', async () => {
  const registry = new Registry();
  const events = createReconcilerEvents();
  measureReconciler(events, registry);
  const wrong =
    'tickwork_reconciler_actions_total{pass="hints",kind="rebase",reason="clock_wrong",outcome="done"}';
  expect(await registry.metrics()).toContain(`${wrong} 0`);
  events.emit('acted', { pass: 'hints', action: rebase, outcome: 'done' });
  expect(await registry.metrics()).toContain(`${wrong} 1`);
});

test('the lag of a confirm is observed, never below 0', async () => {
  const registry = new Registry();
  const events = createReconcilerEvents();
  measureReconciler(events, registry);
  events.emit('acted', { pass: 'hints', action: confirm, outcome: 'done' });
  events.emit('acted', { pass: 'hints', action: { ...confirm, lagSeconds: 0.3 }, outcome: 'done' });
  const metrics = await registry.metrics();
  expect(metrics).toContain('tickwork_sync_lag_seconds_count 2');
  expect(metrics).toContain('tickwork_sync_lag_seconds_sum 0.3');
});

test('foreign keys are one line and a number of the metric', async () => {
  const registry = new Registry();
  const { events, lines } = logged('info');
  measureReconciler(events, registry);
  events.emit('foreign_keys', { pass: 'scan', count: 7, names: ['a', 'b', 'c'] });
  expect(lines).toMatchObject([{ pass: 'scan', count: 7, names: ['a', 'b', 'c'] }]);
  expect(await registry.metrics()).toContain('tickwork_reconciler_foreign_keys_total{pass="scan"} 7');
});
