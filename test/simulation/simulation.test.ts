import { expect, test } from 'vitest';
import { runFleet } from './fleet.ts';
import { runSchedule } from './schedule.ts';
import { shrink } from './shrink.ts';
import { describeTally, newTally, tooRare } from './tally.ts';

/** Spread over the plans: neighbours aim at the same step. */
const spread = (count: number) => Array.from({ length: count }, (_, number) => number * 37);

test('a slice of the schedules breaks no invariant', async () => {
  const { tally, findings } = await runFleet({ seeds: spread(600) });
  expect(findings).toEqual([]);
  expect(tally.schedules).toBe(600);
}, 180_000);

test('a schedule follows from its seed alone', async () => {
  const traceOf = async () => {
    const lines: string[] = [];
    await runSchedule({ seed: 7, onTrace: (line) => lines.push(line) });
    return lines;
  };
  const first = await traceOf();
  expect(first.length).toBeGreaterThan(150);
  expect(await traceOf()).toEqual(first);
});

test('every schedule has at least three tasks, 150 steps and three faults', async () => {
  for (const seed of spread(20)) {
    const { tasks, steps, struck } = await runSchedule({ seed });
    expect(tasks).toBeGreaterThanOrEqual(3);
    expect(steps).toBeGreaterThanOrEqual(150);
    expect(struck.length).toBeGreaterThanOrEqual(3);
  }
});

test('a seed that breaks nothing has nothing to shrink', async () => {
  expect(await shrink(7)).toBeNull();
});

test('what nothing came upon is told by its name', () => {
  const rare = tooRare(newTally(), 1);
  expect(rare).toContain('claim crash_worker: 0');
  expect(rare).toContain('edge pending claim: 0');
  expect(describeTally(newTally())).toContain('pending claim');
});
