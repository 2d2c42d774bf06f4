import { type Comparison, compareMedians, judge, type Pair } from './medians.ts';

export interface Sampling {
  /** How many pairs are measured before anything is said. */
  readonly least: number;
  /** With so many pairs it is given up. */
  readonly most: number;
  /** By which part of the other's median the medians may differ. */
  readonly bound: number;
}

const warmUp = 100;
/** By how much the sample grows before it is looked at again: so seldom that the looks add little to each other's error. */
const growth = 1.25;

/**
 * Measures both in pairs, in random order within each, until it is clear whether their medians are the same within the bound. What is
 * measured is kept: more pairs make the answer surer, and can't hide a difference.
 */
export async function measure(
  one: () => Promise<number>,
  other: () => Promise<number>,
  { least, most, bound }: Sampling,
) {
  const pairs: Pair[] = [];
  const add = async (count: number) => {
    while (pairs.length < count) pairs.push(await pair(one, other));
  };
  await add(warmUp);
  pairs.length = 0;
  for (let count = least; ; count = Math.ceil(count * growth)) {
    await add(Math.min(count, most));
    const comparison = compareMedians(pairs);
    const verdict = judge(comparison, bound);
    if (verdict !== 'unclear' || count >= most) return { verdict, told: tell(comparison, pairs.length) };
  }
}

async function pair(one: () => Promise<number>, other: () => Promise<number>): Promise<Pair> {
  if (Math.random() < 0.5) return [await one(), await other()];
  const second = await other();
  return [await one(), second];
}

function tell({ medians: [one, other], ratio, low, high }: Comparison, count: number): string {
  const percent = (part: number) => `${(100 * part).toFixed(2)} %`;
  const ms = (time: number) => `${time.toFixed(3)} ms`;
  return `${count} pairs: ${ms(one)} and ${ms(other)}, ${percent(ratio)}, by 99 % from ${percent(low)} to ${percent(high)}`;
}
