import { createHash } from 'node:crypto';

interface Entry<Value> {
  readonly value: Value;
  /** Seconds since 1970. */
  readonly until: number;
}

/** What a token says, once that was verified. */
export interface TokenCache<Value> {
  get(token: string): Value | undefined;
  set(token: string, value: Value, until: number): void;
}

/**
 * Keeps the `size` tokens that were used last, each until it runs out. By their hash: a process that is looked into shows no
 * token that could be used.
 */
export function createTokenCache<Value>(size: number, now: () => number): TokenCache<Value> {
  // A Map keeps the order in which its keys were set.
  const entries = new Map<string, Entry<Value>>();
  const keyOf = (token: string) => createHash('sha256').update(token).digest('base64');
  return {
    get(token) {
      const key = keyOf(token);
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      if (entry.until <= now()) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    set(token, value, until) {
      entries.set(keyOf(token), { value, until });
      const [oldest] = entries.keys();
      if (entries.size > size && oldest !== undefined) entries.delete(oldest);
    },
  };
}
