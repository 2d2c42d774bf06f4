import type { Finding } from '@tickwork/task/ports';
import { final, type Script } from './redis-prelude.ts';

/** scan_step.lua */
export const scanStep: Script<[string, number, ...string[]]> = ({
  redis,
  keys,
  argv,
  rest,
  read,
  finding,
}) => {
  const step = redis.scan(argv(1), Number(argv(2)));
  const names = step.keys.filter((each) => each.startsWith(keys.record));
  const result: [string, number, ...string[]] = [step.next, names.length];
  for (const key of names) {
    const found = finding(read(key), argv(3), argv(4), rest(5)[0]);
    if (found) result.push(key.slice(keys.record.length), found);
  }
  return result;
};

/** hinted.lua */
export const hinted: Script<string[]> = ({ redis, keys, argv, clock, read, finding }) => {
  const result: string[] = [];
  const limit = Number(argv(1));
  function look(hints: string, ids: readonly string[], wanted: Finding): void {
    for (const id of ids) {
      const fields = read(keys.record + id);
      const found = finding(fields, argv(2), argv(3));
      if (found === wanted) result.push(id, found);
      else if (wanted === 'ahead' || found === 'foreign' || final.has(fields.status)) redis.zrem(hints, id);
      else if (found === null) redis.zadd(hints, Number(fields.due_at), id);
    }
  }
  look(keys.ahead, redis.zrange(keys.ahead, { highest: Infinity, limit }), 'ahead');
  look(keys.due, redis.zrange(keys.due, { highest: clock(), limit }), 'due');
  return result;
};
