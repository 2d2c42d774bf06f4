/** The names in Redis. The two hints' keys are the names of their pub/sub channels too. */
export interface TaskKeys {
  readonly recordPrefix: string;
  readonly ahead: string;
  readonly due: string;
  /** A channel alone: which record was settled, for the worker that has it. */
  readonly settled: string;
}

/** `prefix` lets several installations share one Redis; it may hold no character that SCAN's pattern reads as a wildcard. */
export function taskKeys(prefix: string): TaskKeys {
  const name = (kind: string) => `${prefix}tasks:${kind}`;
  return { recordPrefix: `${prefix}task:`, ahead: name('ahead'), due: name('due'), settled: name('settled') };
}

/** Which workers there are. */
export const workersKey = (prefix: string) => `${prefix}workers`;
