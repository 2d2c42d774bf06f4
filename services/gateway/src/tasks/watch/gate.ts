export type Gate = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** Lets `most` works run at once; the others wait for their turn, in the order in which they came. */
export function createGate(most: number): Gate {
  const waiting: (() => void)[] = [];
  let free = most;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
