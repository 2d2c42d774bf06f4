import { describe, expect, test } from 'vitest';
import { compareMedians, judge, type Pair } from './medians.ts';
import { measure } from './paired-times.ts';

const bound = 0.03;

/** Numbers from 0 to 1, always the same ones (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Times of about 4 ms as a busy machine has them: a long tail, and slower for a while now and then. */
function createPairs(count: number, addedMs: number, seed: number): Pair[] {
  const random = createRandom(seed);
  const time = () => 3.5 - 0.5 * Math.log(1 - random()) + (random() < 0.03 ? 40 * random() : 0);
  return Array.from({ length: count }, (_, index) => {
    const busy = Math.floor(index / 50) % 5 === 0 ? 1.5 : 1;
    return [busy * time() + addedMs, busy * time()];
  });
}

const verdictOf = (count: number, addedMs: number, seed: number) =>
  judge(compareMedians(createPairs(count, addedMs, seed), createRandom(seed)), bound);

describe('two medians', () => {
  test.each([1, 2, 3, 4, 5])('that are the same are shown to be (%i)', (seed) => {
    expect(verdictOf(2000, 0, seed)).toBe('same');
  });

  test.each([1, -1, 0.3, -0.3])('that are %d ms apart are shown to be', (addedMs) => {
    expect(verdictOf(2000, addedMs, 1)).toBe('different');
  });

  test('that differ by just the bound are neither, and so are any after a few pairs', () => {
    expect(verdictOf(2000, 0.03 * 4, 1)).toBe('unclear');
    expect(verdictOf(20, 0, 1)).toBe('unclear');
  });
});

describe('measuring', () => {
  const sampling = { least: 10, most: 40, bound };
  const constant = (ms: number) => async () => ms;

  test('ends as soon as it is clear', async () => {
    const same = await measure(constant(4), constant(4), sampling);
    expect(same).toEqual({
      verdict: 'same',
      told: expect.stringMatching(/^10 pairs: 4.000 ms and 4.000 ms/),
    });
    expect(await measure(constant(5), constant(4), sampling)).toMatchObject({ verdict: 'different' });
  });

  test('takes more pairs while it is not, and gives up', async () => {
    let count = 0;
    const loud = async () => [1, 2, 4, 8, 16][count++ % 5] ?? 0;
    const { verdict, told } = await measure(loud, loud, sampling);
    expect([verdict, told]).toEqual(['unclear', expect.stringMatching(/^40 pairs/)]);
  });
});
