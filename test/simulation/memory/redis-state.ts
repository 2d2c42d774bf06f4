type Hash = Map<string, string>;
type SortedSet = Map<string, number>;

/** All that a server holds. */
export interface KeyspaceState {
  readonly hashes: Map<string, Hash>;
  readonly sortedSets: Map<string, SortedSet>;
  /** Keys of another type: all that is known of them is that they are there. */
  readonly others: Set<string>;
  /** When a key goes, by the server's clock. */
  readonly expiries: Map<string, number>;
  /** In which order the keys came: a scan's cursor is such a number. */
  readonly numbers: Map<string, number>;
}

export function emptyState(): KeyspaceState {
  return {
    hashes: new Map(),
    sortedSets: new Map(),
    others: new Set(),
    expiries: new Map(),
    numbers: new Map(),
  };
}

/** A deep one. */
export function copyState({ hashes, sortedSets, others, expiries, numbers }: KeyspaceState): KeyspaceState {
  return {
    hashes: copyEach(hashes),
    sortedSets: copyEach(sortedSets),
    others: new Set(others),
    expiries: new Map(expiries),
    numbers: new Map(numbers),
  };
}

function copyEach<Value>(maps: ReadonlyMap<string, ReadonlyMap<string, Value>>) {
  return new Map([...maps].map(([key, map]) => [key, new Map(map)]));
}
