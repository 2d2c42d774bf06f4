import { createClock } from '@tickwork/runtime/process/clock';
import type { ActiveRow, Found } from '@tickwork/task/ports';
import { expect, test } from 'vitest';
import { clean, row } from './decide.harness.ts';
import { createReconcilerEvents, type PassName } from './events.ts';
import { createPasses, type PassDependencies } from './passes.ts';
import type { Reconcile } from './reconcile.ts';

const signal = new AbortController().signal;
const limits = {
  hintsPerPass: 3,
  rowsPerPage: 2,
  repairMinAgeMs: 60_000,
  quietAgeMs: 20_000,
  scan: { share: 1, longestPauseMs: 0, mostRestarts: 0 },
};

/** Passes over steps and pages that are given; what they told, and what they had reconciled. */
function harness(given: {
  readonly steps?: readonly (readonly Found[])[];
  readonly hinted?: readonly Found[];
  readonly pages?: readonly (readonly ActiveRow[])[];
  readonly acted?: number;
}) {
  const { steps = [], hinted = [], pages = [], acted = 0 } = given;
  const events = createReconcilerEvents();
  const told: unknown[] = [];
  const named: [PassName, number][] = [];
  events.on('foreign_keys', (keys) => told.push(keys));
  events.on('walked', ({ pass, keys }) => told.push({ pass, keys }));
  events.on('active_counted', (active) => told.push(active));
  events.on('found', ({ pass, found }) => named.push([pass, found.length]));
  events.on('pass_ended', ({ pass, looked, acted: all }) => told.push({ pass, looked, acted: all }));
  const reconciled: [PassName, string[]][] = [];
  const reconcile: Reconcile = async (pass, observations) => {
    reconciled.push([pass, observations.map(({ kind }) => kind)]);
    return acted;
  };
  const asked: unknown[] = [];
  const records: PassDependencies['records'] = {
    read: async (ids) => ids.map(() => clean),
    hinted: async () => hinted,
    scanStep: async (cursor, quietAgeMs) => {
      asked.push(quietAgeMs);
      const next = Number(cursor) + 1;
      return {
        cursor: String(next % steps.length),
        keys: 10,
        found: steps[next - 1] ?? [],
        begunAnew: false,
      };
    },
  };
  const tasks: PassDependencies['tasks'] = {
    activeRows: async (after, minAgeMs, limit) => {
      asked.push([after, minAgeMs, limit]);
      return pages[asked.length - 1] ?? [];
    },
  };
  const passes = createPasses({ tasks, records, reconcile, events, clock: createClock(), limits });
  return { passes, told, named, reconciled, asked };
}

const due: Found = { correlationId: 'c1', finding: 'due' };
const foreign = (correlationId: string): Found => ({ correlationId, finding: 'foreign' });

test('the scan has each step reconciled by itself, and tells of the whole', async () => {
  const { passes, told, named, reconciled, asked } = harness({ steps: [[due, due], [], [due]], acted: 1 });
  expect(await passes.scan(signal)).toEqual({ kind: 'done' });
  expect(reconciled.map(([, kinds]) => kinds.length)).toEqual([2, 0, 1]);
  expect(named.slice(0, 3)).toEqual([
    ['scan', 2],
    ['scan', 0],
    ['scan', 1],
  ]);
  expect(told).toEqual([
    { pass: 'scan', keys: 30 },
    { pass: 'scan', looked: 3, acted: 3 },
  ]);
  expect(asked).toEqual([undefined, undefined, undefined]);
});

test('the quiet check is a scan that asks for what is quiet', async () => {
  const { passes, asked } = harness({ steps: [[due]] });
  await passes.quiet(signal);
  expect(asked).toEqual([20_000]);
});

test('foreign keys are told once a pass, by their number and the first few names, cut short', async () => {
  const long = foreign('x'.repeat(5000));
  const { passes, told } = harness({
    steps: [[foreign('a'), due, long], [foreign('b'), foreign('c')], [foreign('d')]],
  });
  await passes.scan(signal);
  expect(told).toEqual([
    { pass: 'scan', keys: 30 },
    { pass: 'scan', count: 5, names: ['a', 'x'.repeat(100), 'b'] },
    { pass: 'scan', looked: 6, acted: 0 },
  ]);
});

test('a full page of hints is followed by another pass at once, unless nothing could be done about it', async () => {
  const full = { hinted: [due, due, due] };
  expect(await harness({ ...full, acted: 1 }).passes.hints(signal)).toEqual({ kind: 'again_after', ms: 0 });
  expect(await harness({ ...full, acted: 0 }).passes.hints(signal)).toEqual({ kind: 'done' });
  expect(await harness({ hinted: [due], acted: 1 }).passes.hints(signal)).toEqual({ kind: 'done' });
});

test('repair asks for page after page, each after the last row of the one before', async () => {
  const at = (correlationId: string): ActiveRow => ({ ...row, correlationId });
  const { passes, asked, told } = harness({
    pages: [[at('a'), { ...at('b'), status: 'pending', updatedAt: 7 }], [at('c'), at('d')], [at('e')]],
  });
  await passes.repair(signal);
  expect(asked).toEqual([
    ['', 60_000, 2],
    ['b', 60_000, 2],
    ['d', 60_000, 2],
  ]);
  expect(told).toEqual([
    { counts: { [row.status]: 4, pending: 1 }, oldestPending: 7 },
    { pass: 'repair', looked: 5, acted: 0 },
  ]);
});

test('a pass whose signal aborted ends with it, before it asks for more', async () => {
  const { passes, asked } = harness({ steps: [[due]] });
  const over = AbortSignal.abort(new Error('over'));
  await expect(passes.scan(over)).rejects.toThrow('over');
  await expect(passes.repair(over)).rejects.toThrow('over');
  expect(asked).toEqual([]);
});
