import { copyState, emptyState, type KeyspaceState } from './redis-state.ts';

export type Listener = (channel: string, message: string) => void;

/** The commands of Redis that the scripts use, over maps. Times are microseconds by `now`. */
export class Keyspace {
  #state = emptyState();
  #lastNumber = 0;
  readonly #listeners = new Set<Listener>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  time(): number {
    return this.#now();
  }

  hashes(): ReadonlyMap<string, ReadonlyMap<string, string>> {
    return this.#state.hashes;
  }

  sortedSet(key: string): ReadonlyMap<string, number> {
    return this.#state.sortedSets.get(key) ?? new Map();
  }

  isHash(key: string): boolean {
    return this.#state.hashes.has(key);
  }

  exists(key: string): boolean {
    const { hashes, sortedSets, others } = this.#state;
    return hashes.has(key) || sortedSets.has(key) || others.has(key);
  }

  /** Throws for a key of another type, as Redis answers an error. */
  hget(key: string, field: string): string | null {
    this.#expectHash(key);
    return this.#state.hashes.get(key)?.get(field) ?? null;
  }

  hset(key: string, ...fieldsAndValues: readonly (string | number)[]): void {
    this.#expectHash(key);
    const hash = this.#state.hashes.get(key) ?? new Map<string, string>();
    this.#state.hashes.set(key, hash);
    this.#number(key);
    for (let index = 0; index + 1 < fieldsAndValues.length; index += 2)
      hash.set(String(fieldsAndValues[index]), String(fieldsAndValues[index + 1]));
  }

  hdel(key: string, ...fields: readonly string[]): void {
    for (const field of fields) this.#state.hashes.get(key)?.delete(field);
  }

  setOther(key: string): void {
    this.del(key);
    this.#state.others.add(key);
    this.#number(key);
  }

  del(key: string): void {
    this.#state.hashes.delete(key);
    this.#state.sortedSets.delete(key);
    this.#state.others.delete(key);
    this.#state.expiries.delete(key);
    this.#state.numbers.delete(key);
  }

  expire(key: string, seconds: number): void {
    this.#state.expiries.set(key, this.#now() + seconds * 1_000_000);
  }

  persist(key: string): void {
    this.#state.expiries.delete(key);
  }

  /** Seconds; -1 for a key that stays, -2 where there is none. */
  ttl(key: string): number {
    const expiry = this.#state.expiries.get(key);
    if (expiry !== undefined) return Math.ceil((expiry - this.#now()) / 1_000_000);
    return this.exists(key) ? -1 : -2;
  }

  expireDue(): void {
    for (const [key, expiry] of this.#state.expiries) if (expiry <= this.#now()) this.del(key);
  }

  /**
   * SCAN. Walks from the newest key to the oldest, so that what is there throughout is named whatever comes and goes, and a walk
   * ends. As with Redis, a cursor from before a failover may leave some out.
   */
  scan(cursor: string, count: number): { next: string; keys: string[] } {
    const left = [...this.#state.numbers]
      .filter(([, number]) => cursor === '0' || number < Number(cursor))
      .sort(([, a], [, b]) => b - a);
    const step = left.slice(0, count);
    const last = step.at(-1)?.[1] ?? 0;
    return { next: left.length > step.length ? String(last) : '0', keys: step.map(([key]) => key) };
  }

  #expectHash(key: string): void {
    if (this.exists(key) && !this.isHash(key)) throw new Error(wrongType);
  }

  #number(key: string): void {
    if (this.#state.numbers.has(key)) return;
    this.#lastNumber += 1;
    this.#state.numbers.set(key, this.#lastNumber);
  }

  zadd(key: string, score: number, member: string): void {
    const set = this.#state.sortedSets.get(key) ?? new Map<string, number>();
    this.#state.sortedSets.set(key, set.set(member, score));
    this.#number(key);
  }

  zrem(key: string, member: string): void {
    const set = this.#state.sortedSets.get(key);
    set?.delete(member);
    if (set?.size === 0) this.del(key); // Redis keeps no empty set
  }

  /** By score, then by name. */
  zrange(key: string, { highest, limit }: { highest: number; limit: number }): string[] {
    return [...this.sortedSet(key)]
      .filter(([, score]) => score <= highest)
      .sort(([a, scoreA], [b, scoreB]) => scoreA - scoreB || (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([member]) => member);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  publish(channel: string, message: string): void {
    for (const listener of this.#listeners) listener(channel, message);
  }

  flush(): void {
    this.#state = emptyState();
  }

  snapshot(): KeyspaceState {
    return copyState(this.#state);
  }

  restore(state: KeyspaceState): void {
    this.#state = copyState(state);
  }
}

const wrongType = 'WRONGTYPE Operation against a key holding the wrong kind of value';
