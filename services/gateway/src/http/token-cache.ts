import { createHash } from 'node:crypto';

interface Verified {
  readonly userId: string;
  /** Seconds since 1970. */
  readonly until: number;
}

/** Whose a token is, once that was verified. */
export interface TokenCache {
  get(token: string): Verified | undefined;
  set(token: string, verified: Verified): void;
}

/**
 * Keeps the `size` tokens that were used last, each until it runs out. By their hash: a process that is looked into shows no
 * token that could be used.
 */
export function createTokenCache(size: number, now: () => number): TokenCache {
  // A Map keeps the order in which its keys were set.
  const entries = new Map<string, Verified>();
  const keyOf = (token: string) => createHash('sha256').update(token).digest('base64');
  return {
    get(token) {
      const key = keyOf(token);
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      if (entry.until <= now()) return undefined;
      entries.set(key, entry);
      return entry;
    },
    set(token, verified) {
      entries.set(keyOf(token), verified);
      const [oldest] = entries.keys();
      if (entries.size > size && oldest !== undefined) entries.delete(oldest);
    },
  };
}
