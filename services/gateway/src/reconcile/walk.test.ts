import type { ScanStep } from '@tickwork/task/ports';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pauseAfter, type WalkLimits, walk } from './walk.ts';

const limits: WalkLimits = { share: 0.25, longestPauseMs: 500, mostRestarts: 2 };
const step = (cursor: string, begunAnew = false): ScanStep => ({
  cursor,
  begunAnew,
  keys: 1,
  found: [{ correlationId: `before ${cursor}`, finding: 'due' }],
});

/** Walks over scripted steps, each of which takes so long; what was asked, paused and found. */
async function run(steps: readonly ScanStep[], { tookMs = 2, signal = new AbortController().signal } = {}) {
  const asked: [string, number | undefined][] = [];
  const pauses: number[] = [];
  const found: string[] = [];
  let time = 0;
  const walked = walk({
    records: {
      scanStep: async (cursor, quietAgeMs) => {
        asked.push([cursor, quietAgeMs]);
        time += tookMs;
        return steps[asked.length - 1] ?? step('0');
      },
    },
    clock: { now: () => time, sleep: async (ms) => void pauses.push(ms) },
    limits,
    signal,
    quietAgeMs: 7,
  });
  for await (const each of walked) found.push(...each.found.map(({ correlationId }) => correlationId));
  return { asked, pauses, found };
}

test('walks from cursor to cursor until the server says that all was seen', async () => {
  const { asked, found } = await run([step('3'), step('9'), step('0')]);
  expect(asked).toEqual([
    ['0', 7],
    ['3', 7],
    ['9', 7],
  ]);
  expect(found).toEqual(['before 3', 'before 9', 'before 0']);
});

test('pauses between steps, and not after the last', async () => {
  expect((await run([step('3'), step('9'), step('0')])).pauses).toEqual([6, 6]);
  expect((await run([step('0')])).pauses).toEqual([]);
});

test('goes on where the walk begins anew, and gives up when that happens again and again', async () => {
  const anew = step('5', true);
  expect((await run([step('3'), anew, step('9'), anew, step('0')])).found).toHaveLength(5);
  await expect(run([step('3'), anew, anew, anew, step('0')])).rejects.toThrow('lost again and again');
});

test('ends at once when its signal aborts', async () => {
  await expect(run([step('3')], { signal: AbortSignal.abort(new Error('over')) })).rejects.toThrow('over');
});

describe('the pause', () => {
  test('leaves Redis the rest of its time', () => {
    expect(pauseAfter([2, 2, 2], { share: 0.25, longestPauseMs: 500 })).toBe(6);
    expect(pauseAfter([2, 2, 2], { share: 0.5, longestPauseMs: 500 })).toBe(2);
    expect(pauseAfter([2], { share: 1, longestPauseMs: 500 })).toBe(0);
    expect(pauseAfter([], limits)).toBe(0);
  });

  test('grows at once with a slow step, and stays longer after it', () => {
    expect(pauseAfter([2, 2, 2, 40], limits)).toBe(120);
    expect(pauseAfter([2, 2, 40, 2], limits)).toBe(34.5);
  });

  test('keeps the walk within its share, and is bounded however slow Redis is', () => {
    const took = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(took, fc.double({ min: 0.01, max: 1, noNaN: true }), (tookMs, share) => {
        const pause = pauseAfter(tookMs, { share, longestPauseMs: 500 });
        const last = tookMs.at(-1) ?? 0;
        expect(pause).toBeLessThanOrEqual(500);
        if (pause < 500) expect(last).toBeLessThanOrEqual(share * (last + pause) + 1e-6);
      }),
    );
  });
});
