import { createLogger } from '@tickwork/runtime/telemetry/logger';
import { expect, test } from 'vitest';
import { clean, row } from './decide.harness.ts';
import { createReconcilerEvents } from './events.ts';
import { logReconciler } from './log.ts';
import type { Action } from './plan.ts';

const confirm: Action = { kind: 'confirm', reason: 'applied', sent: clean, lagSeconds: 0.1 };
const settle: Action = { kind: 'settle', reason: 'row_final', key: row };

function logged(level: 'info' | 'debug') {
  const lines: Record<string, unknown>[] = [];
  const events = createReconcilerEvents();
  const write = (line: string) => void lines.push(JSON.parse(line));
  logReconciler(events, createLogger({ name: 'test', level }, { write }));
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

test('foreign keys are one line', () => {
  const { events, lines } = logged('info');
  events.emit('foreign_keys', { pass: 'scan', count: 7, names: ['a', 'b', 'c'] });
  expect(lines).toMatchObject([{ level: 'warn', pass: 'scan', count: 7, names: ['a', 'b', 'c'] }]);
});

test('a Supabase that goes is a line with the reason, and one when it is back, however often it was tried', () => {
  const { events, lines } = logged('info');
  const cause = new Error('Supabase did not answer');
  events.emit('circuit_changed', { state: { kind: 'open', openings: 1, until: 1 }, cause });
  events.emit('circuit_changed', { state: { kind: 'half_open', openings: 1 }, cause: undefined });
  events.emit('circuit_changed', { state: { kind: 'open', openings: 2, until: 1 }, cause });
  events.emit('circuit_changed', { state: { kind: 'closed', failures: 0 }, cause: undefined });
  expect(lines).toMatchObject([
    { level: 'warn', reason: 'Supabase did not answer', msg: expect.stringContaining('left alone') },
    { level: 'info', msg: 'Supabase answers again' },
  ]);
});
