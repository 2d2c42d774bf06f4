/** Two measurements that were taken one right after the other, in either order. */
export type Pair = readonly [one: number, other: number];

export interface Comparison {
  readonly medians: Pair;
  /** How much longer the one takes than the other, as a part of the other's median. */
  readonly ratio: number;
  /** Between which `ratio` lies, by 99 %. */
  readonly low: number;
  readonly high: number;
}

const resamples = 1000;
const confidence = 0.99;

/**
 * The medians of both, and how sure their difference is: by a bootstrap over the pairs, so that what befalls both measurements of a
 * pair counts for neither, and no distribution is assumed.
 */
export function compareMedians(pairs: readonly Pair[], random: () => number = Math.random): Comparison {
  const medians = mediansOf(pairs);
  const ratios = new Float64Array(resamples).map(() =>
    ratioOf(mediansOf(pairs.map(() => pairs[Math.floor(random() * pairs.length)] ?? [0, 0]))),
  );
  ratios.sort();
  const tail = Math.floor((resamples * (1 - confidence)) / 2);
  return {
    medians,
    ratio: ratioOf(medians),
    low: ratios[tail] ?? 0,
    high: ratios[resamples - 1 - tail] ?? 0,
  };
}

/**
 * `same`: the difference was shown to be within the bound; that it could not be shown to be there is not enough. `different`: it was
 * shown to be beyond. `unclear`: neither, so more pairs are needed.
 */
export function judge({ low, high }: Comparison, bound: number): 'same' | 'different' | 'unclear' {
  if (-bound <= low && high <= bound) return 'same';
  return low > bound || high < -bound ? 'different' : 'unclear';
}

const ratioOf = ([one, other]: Pair) => (one - other) / other;

function mediansOf(pairs: readonly Pair[]): Pair {
  return [median(pairs.map(([one]) => one)), median(pairs.map(([, other]) => other))];
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
