import { createClock } from '@tickwork/runtime/process/clock';
import type { DispatchableRow, ReconcilerTasks } from '@tickwork/task/ports';
import type { TaskRecord, TaskUpdate } from '@tickwork/task/task';
import { expect, test } from 'vitest';
import { clean, row } from './decide.harness.ts';
import { type Observation, protocolLimits } from './decide.ts';
import { createReconcilerEvents } from './events.ts';
import type { Action } from './plan.ts';
import { createReconcile } from './reconcile.ts';

const signal = new AbortController().signal;

/** Reconciles over a Supabase that applies all and knows `rows`; what was asked and carried out, in its order. */
function harness(rows: readonly DispatchableRow[] = []) {
  const told: string[] = [];
  const events = createReconcilerEvents();
  events.on('planned', ({ plan }) => told.push(`plan ${plan.actions.length}+${plan.questions.length}`));
  const tasks: ReconcilerTasks = {
    syncBatch: async (updates) => {
      told.push(`sync ${updates.length}`);
      return updates.map(({ correlationId, status, updatedAt }) => ({
        correlationId,
        outcome: 'applied',
        status,
        updatedAt,
      }));
    },
    readRows: async (keys) => {
      told.push(`rows ${keys.length}`);
      return new Map(rows.map((one) => [one.correlationId, one]));
    },
    activeRows: async () => [],
  };
  const reconcile = createReconcile({
    tasks,
    queue: { isReady: () => true, publish: async () => {} },
    apply: async (_pass, actions) => {
      for (const { kind, reason } of actions) told.push(`${kind} ${reason}`);
      return actions.filter(isChange).length;
    },
    events,
    clock: createClock(),
    isContentFault: () => false,
    limits: protocolLimits,
  });
  return { told, run: (list: readonly Observation[]) => reconcile('scan', list, signal) };
}

const isChange = ({ kind }: Action) => kind !== 'none';
const found = (finding: 'ahead' | 'due' | 'quiet', record: TaskRecord): Observation => ({
  kind: 'found',
  finding,
  correlationId: record.correlationId,
  record,
});
const named = (index: number, change: Partial<TaskUpdate> = {}): TaskRecord => ({
  ...clean,
  ...change,
  correlationId: `c${index}`,
});

test('nothing seen is nothing asked', async () => {
  const { told, run } = harness();
  expect(await run([])).toBe(0);
  expect(told).toEqual([]);
});

test('what was seen is decided; what Supabase answers is decided in its turn; syncs come first', async () => {
  const { told, run } = harness([{ ...row, correlationId: 'c2' }]);
  const list = [
    found('quiet', named(3)),
    found('due', named(2)),
    found('ahead', named(1, { updatedAt: 101 })),
  ];
  expect(await run(list)).toBe(3);
  expect(told).toEqual([
    ...['plan 0+3', 'sync 1', 'plan 1+0', 'confirm applied'],
    ...['rows 1', 'plan 1+0', 'dispatch claim_ran_out'],
    ...['rows 1', 'plan 1+0', 'settle row_missing'],
  ]);
});

test('no call asks for more rows than Supabase answers, however many a step of the scan names', async () => {
  const { told, run } = harness();
  expect(await run(Array.from({ length: 1200 }, (_, index) => found('due', named(index))))).toBe(1200);
  expect(told.filter((line) => line.startsWith('rows'))).toEqual(['rows 500', 'rows 500', 'rows 200']);
});
