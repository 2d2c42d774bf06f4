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
export type Fields = ReturnType<typeof readFields>;

function readFields(redis: Keyspace, key: string) {
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
  };
}

export type ScriptRun = ReturnType<typeof createScriptRun>;
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

  function finding(fields: Fields, hold: string, longestWait: string, quietAge: string | null) {
    const stamp = parseStamp(fields.updated_at);
    const synced = parseStamp(fields.synced_at ?? '0');
    const named = fields.id && fields.user_id && isStatus(fields.status);
    if (!named || stamp === null || synced === null) return 'foreign';
    if (stamp > synced) return 'ahead';
    if (final.has(fields.status)) return null;
    const longest = fields.claim === waiting ? longestWait : hold;
    if (guards('due_at') && !live(fields.due_at, longest)) return 'due';
    if (quietAge === null || fields.claim === waiting || fields.claim === held) return null;
    const age = clock() - stamp;
    return age < 0 || age >= Number(quietAge) ? 'quiet' : null;
  }

  /** Null for a key that is not there; 'foreign' for one of another type too. */
  function look(key: string, hold: string, longestWait: string, quietAge: string | null = null) {
    if (!redis.exists(key)) return null;
    if (!redis.isHash(key)) return { fields: null, found: 'foreign' } as const;
    const fields = readFields(redis, key);
    const found: Finding | null = finding(fields, hold, longestWait, quietAge);
    return { fields, found };
  }

  return {
    redis,
    keys,
    argv,
    /** ARGV from this one on. */
    rest: (number: number): readonly string[] => values.slice(number - 1),
    guards,
    /** The record, as it is now. */
    read: () => readFields(redis, keys.record),
    clock,
    nextStamp,
    live,
    markAhead,
    markDue: (dueAt: string) => redis.zadd(keys.due, Number(dueAt), argv(1)),
    forgetDue: () => redis.zrem(keys.due, argv(1)),
    look,
  };
}
