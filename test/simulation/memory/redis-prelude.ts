import type { Finding } from '@tickwork/task/ports';
import { parseStamp } from '@tickwork/task/stamp';
import { isStatus } from '@tickwork/task/status';
import type { Keyspace } from './redis-keyspace.ts';
import type { RecordProtection } from './redis-protections.ts';

// prelude.lua, line by line. A script here is a function of what a script there finds: keys, arguments and these helpers.

export const final: ReadonlySet<string | null> = new Set(['completed', 'error', 'cancelled']);
export const waiting = '';
export const held = '-';

export const us = (number: number): string => number.toFixed(0);

/** Lua's, for what a record may hold: null for what is no number. */
export function tonumber(text: string | null): number | null {
  const number = Number(text);
  return text === null || text.trim() === '' || Number.isNaN(number) ? null : number;
}

/** What a record holds of what the scripts ask for; null where it has no such field. */
export type Fields = ReturnType<typeof hmget>;

/** Throws for a key of another type. */
function hmget(redis: Keyspace, key: string) {
  const field = (name: string) => redis.hget(key, name);
  return {
    id: field('id'),
    user_id: field('user_id'),
    status: field('status'),
    updated_at: field('updated_at'),
    synced_at: field('synced_at'),
    claim: field('claim'),
    attempts: field('attempts'),
    due_at: field('due_at'),
    dispatches: field('dispatches'),
    checkpoint: field('checkpoint'),
    checkpoint_tick: field('checkpoint_tick'),
    checkpoint_ran_ms: field('checkpoint_ran_ms'),
  };
}

const noFields: Fields = {
  id: null,
  user_id: null,
  status: null,
  updated_at: null,
  synced_at: null,
  claim: null,
  attempts: null,
  due_at: null,
  dispatches: null,
  checkpoint: null,
  checkpoint_tick: null,
  checkpoint_ran_ms: null,
};

/** The fields of a hash; none where the key holds another type. */
function read(redis: Keyspace, key: string): Fields {
  return redis.exists(key) && !redis.isHash(key) ? noFields : hmget(redis, key);
}

export const whole = parseStamp;

export function isOurs({ id, user_id, status, updated_at, synced_at }: Fields): boolean {
  const stamped = whole(updated_at) !== null && whole(synced_at ?? '0') !== null;
  return Boolean(id && user_id) && isStatus(status) && stamped;
}

type ScriptRun = ReturnType<typeof createScriptRun>;
export type Script<Answer> = (run: ScriptRun) => Answer;

/** One run of a script: KEYS, ARGV (from 1 on, as in Lua) and the prelude. `guards` says which protections are there. */
export function createScriptRun(
  redis: Keyspace,
  without: ReadonlySet<RecordProtection>,
  keysAndArguments: readonly (string | number)[],
) {
  const [record, ahead, due, ...values] = keysAndArguments.map(String);
  if (record === undefined || ahead === undefined || due === undefined) throw new Error('three keys');
  const keys = { record, ahead, due };
  const guards = (protection: RecordProtection) => !without.has(protection);

  function argv(number: number): string {
    const value = values[number - 1];
    if (value === undefined) throw new Error(`there is no ARGV[${number}]`);
    return value;
  }

  const clock = () => redis.time();

  function nextStamp(last: number | null): string {
    if (!guards('monotonic_stamp')) return us(clock());
    return us(Math.max(clock(), (last ?? 0) + 1));
  }

  function live(dueAt: string | null, longest: string): boolean {
    const left = (tonumber(dueAt) ?? 0) - clock();
    return left > 0 && left <= Number(longest);
  }

  function markAhead(stamp: string, status: string | null): void {
    redis.zadd(keys.ahead, Number(stamp), argv(1));
    redis.publish(keys.ahead, `${argv(1)} ${status} ${stamp}`);
  }

  function takeCheckpoint(state: string, tick: string, ranMs: string, lastTick: string | null): boolean {
    const last = tonumber(lastTick) ?? 0;
    if (state === '' || Number(tick) < last) return false;
    redis.hset(keys.record, 'checkpoint', state, 'checkpoint_tick', tick, 'checkpoint_ran_ms', ranMs);
    return Number(tick) > last;
  }

  function forgetCheckpoint(): void {
    if (guards('end_forgets_checkpoint'))
      redis.hdel(keys.record, 'checkpoint', 'checkpoint_tick', 'checkpoint_ran_ms');
  }

  function finding(fields: Fields, hold: string, longestWait: string, quietAge?: string): Finding | null {
    if (!isOurs(fields)) return 'foreign';
    const { status, claim, due_at: dueAt } = fields;
    const stamp = Number(fields.updated_at);
    const synced = Number(fields.synced_at ?? '0');
    if (stamp > synced) return 'ahead';
    if (final.has(status)) return null;
    if (guards('due_at') && !live(dueAt, claim === waiting ? longestWait : hold)) return 'due';
    const heldByWorker = claim !== waiting && claim !== held;
    const age = clock() - stamp;
    return quietAge !== undefined && heldByWorker && (age < 0 || age >= Number(quietAge)) ? 'quiet' : null;
  }

  return {
    redis,
    keys,
    argv,
    /** ARGV from this one on. */
    rest: (number: number): readonly string[] => values.slice(number - 1),
    guards,
    /** The record as it is now; throws for a key of another type. */
    hmget: () => hmget(redis, keys.record),
    /** As that, but a key of another type has no fields. */
    read: (key = keys.record) => read(redis, key),
    clock,
    nextStamp,
    live,
    markAhead,
    markDue: (dueAt: string) => redis.zadd(keys.due, Number(dueAt), argv(1)),
    forgetDue: () => redis.zrem(keys.due, argv(1)),
    takeCheckpoint,
    forgetCheckpoint,
    finding,
  };
}
