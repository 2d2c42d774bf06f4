import type { Script } from './redis-prelude.ts';
import { final } from './redis-prelude.ts';

/**
 * scan_step.lua. Its cursor is the last key it looked at, in the order of names: so a key that is there throughout is named,
 * whatever comes and goes meanwhile.
 */
export const scanStep: Script<[string, ...string[]]> = ({ redis, keys, argv, rest, look }) => {
  const cursor = argv(1);
  const left = redis
    .keys()
    .filter((key) => cursor === '0' || key > cursor)
    .sort();
  const step = left.slice(0, Number(argv(2)));
  const result: [string, ...string[]] = [left.length > step.length ? (step.at(-1) ?? '0') : '0'];
  for (const key of step.filter((each) => each.startsWith(keys.record))) {
    const found = look(key, argv(3), argv(4), rest(5)[0] ?? null)?.found;
    if (found) result.push(key.slice(keys.record.length), found);
  }
  return result;
};

/** hinted.lua */
export const hinted: Script<string[]> = ({ redis, keys, argv, clock, look }) => {
  const result: string[] = [];
  const limit = Number(argv(1));
  function each(hints: string, ids: readonly string[], wanted: 'ahead' | 'due'): void {
    for (const id of ids) {
      const seen = look(keys.record + id, argv(2), argv(3));
      const found = seen?.found ?? null;
      const status = seen?.fields?.status ?? null;
      if (found === wanted || found === 'foreign') result.push(id, found);
      if (found === wanted) continue;
      if (wanted === 'ahead' || seen === null || found === 'foreign' || final.has(status))
        redis.zrem(hints, id);
      else if (found === null) redis.zadd(hints, Number(seen.fields?.due_at), id);
    }
  }
  each(keys.ahead, redis.zrange(keys.ahead, { highest: Infinity, limit }), 'ahead');
  each(keys.due, redis.zrange(keys.due, { highest: clock(), limit }), 'due');
  return result;
};
