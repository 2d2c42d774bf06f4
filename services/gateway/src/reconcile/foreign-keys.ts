import type { Found } from '@tickwork/task/ports';

/** Keys under the records' prefix that are no records of ours, as one pass met them. */
export interface ForeignKeys {
  readonly count: number;
  /** The first few, without the prefix, cut where they are long: somebody else chose them. */
  readonly names: readonly string[];
}

export const noForeignKeys: ForeignKeys = { count: 0, names: [] };

const mostNames = 3;
const longestName = 100;

/** Adds what a step found; keeps no more than a few names, however many there are. */
export function countForeign(before: ForeignKeys, found: readonly Found[]): ForeignKeys {
  const foreign = found.filter(({ finding }) => finding === 'foreign');
  const names = foreign.map(({ correlationId }) => correlationId.slice(0, longestName));
  return {
    count: before.count + foreign.length,
    names: [...before.names, ...names].slice(0, mostNames),
  };
}
