import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createClock } from '@tickwork/runtime/process/clock';
import type { ActiveRow } from '@tickwork/task/ports';
import { expect, test } from 'vitest';
import { clean, row } from './decide.harness.ts';
import { protocolLimits } from './decide.ts';
import { createReconcilerEvents } from './events.ts';
import { createPasses, type PassDependencies } from './passes.ts';
import { createReconcile } from './reconcile.ts';

const rows = 1_000_000;
const rowsPerPage = 500;
const name = (index: number) => `c${String(index).padStart(7, '0')}`;

/** Frees all that nothing refers to. */
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** A Supabase whose million rows are in order, and are made page by page; it keeps no more than a weak reference to each page. */
function createMillion() {
  const calls = { pages: 0, reads: 0, changes: 0 };
  let mostHeld = 0;
  let held: WeakRef<readonly ActiveRow[]>[] = [];

  /** A reference that was made or looked at in this turn counts as held until the next. */
  async function countHeld(): Promise<void> {
    await turn();
    collectGarbage();
    held = held.filter((page) => page.deref() !== undefined);
    mostHeld = Math.max(mostHeld, held.length);
  }

  const tasks: PassDependencies['tasks'] = {
    activeRows: async (after, _minAgeMs, limit) => {
      const first = after === '' ? 0 : Number(after.slice(1)) + 1;
      const count = Math.min(limit, rows - first);
      const page = Array.from({ length: count }, (_, index) => ({
        ...row,
        correlationId: name(first + index),
      }));
      held.push(new WeakRef(page));
      if (++calls.pages % 200 === 0) await countHeld();
      return page;
    },
  };
  const records: PassDependencies['records'] = {
    read: async (ids) => {
      calls.reads += ids.length > 0 ? 1 : 0;
      return ids.map((correlationId) => ({ ...clean, correlationId }));
    },
    hinted: async () => [],
    scanStep: async () => ({ cursor: '0', keys: 0, found: [], begunAnew: false }),
  };
  const apply = async (_pass: unknown, actions: readonly { readonly kind: string }[]) => {
    calls.changes += actions.filter(({ kind }) => kind !== 'none').length;
    return 0;
  };
  return { calls, tasks, records, apply, mostHeld: () => mostHeld };
}

test('a million rows in order are walked with one page in memory, and one call to each side for a page', async () => {
  const { calls, tasks, records, apply, mostHeld } = createMillion();
  const never = async () => {
    throw new Error('what is in order asks nothing');
  };
  const events = createReconcilerEvents();
  const clock = createClock();
  const reconcile = createReconcile({
    ...{ apply, events, clock, limits: protocolLimits },
    tasks: { ...tasks, syncBatch: never, readRows: never },
    queue: { isReady: () => true, publish: never },
    isContentFault: () => false,
  });
  const limits = {
    ...{ hintsPerPass: 500, rowsPerPage, repairMinAgeMs: 60_000, quietAgeMs: 20_000 },
    scan: { share: 1, longestPauseMs: 0, mostRestarts: 0 },
  };
  const passes = createPasses({ tasks, records, reconcile, events, clock, limits });
  let looked = 0;
  events.on('pass_ended', (ended) => {
    looked = ended.looked;
  });
  await passes.repair(new AbortController().signal);
  expect(looked).toBe(rows);
  expect(calls).toEqual({ pages: rows / rowsPerPage + 1, reads: rows / rowsPerPage, changes: 0 });
  // The page that is being made, and the one before it, whose last row says where it begins.
  expect(mostHeld()).toBeLessThanOrEqual(2);
  expect(mostHeld()).toBeGreaterThan(0);
}, 60_000);
