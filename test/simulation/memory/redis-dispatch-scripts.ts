import { final, isOurs, type Script, tonumber, us, waiting, whole } from './redis-prelude.ts';

/** seed.lua */
export const seed: Script<number> = ({ redis, keys, argv, read, ...run }) => {
  const now = read();
  if (isOurs(now)) {
    const settled = final.has(now.status) && Number(now.updated_at) <= Number(now.synced_at ?? '0');
    if (now.id === argv(2) || !settled) return 0;
  }
  redis.del(keys.record);
  const dueAt = us(run.clock() + Number(argv(7)));
  redis.hset(keys.record, 'id', argv(2), 'user_id', argv(3), 'status', argv(4), 'updated_at', argv(5));
  redis.hset(keys.record, 'synced_at', argv(5), 'claim', argv(6), 'attempts', 0, 'dispatches', 0);
  redis.hset(keys.record, 'due_at', dueAt);
  if (argv(8) !== '') redis.hset(keys.record, 'traceparent', argv(8));
  run.markDue(dueAt);
  return 1;
};

/** schedule_dispatch.lua */
export const scheduleDispatch: Script<number> = ({ redis, keys, argv, hmget, ...run }) => {
  const now = hmget();
  if (now.id !== argv(2) || now.claim !== waiting || final.has(now.status)) return 0;
  const dueAt = us(run.clock() + Number(argv(3)));
  if (now.status !== 'pending' && Number(dueAt) > (tonumber(now.due_at) ?? 0)) return 0;
  redis.hset(keys.record, 'due_at', dueAt);
  run.markDue(dueAt);
  return 1;
};

/** release.lua */
export const release: Script<number> = ({ redis, keys, argv, guards, hmget, ...run }) => {
  const now = hmget();
  if (now.status === null || now.id !== argv(2) || final.has(now.status)) return 0;
  if (guards('release_condition')) {
    if (us(whole(now.due_at) ?? 0) !== argv(3)) return 0;
    if (run.live(now.due_at, now.claim === waiting ? argv(7) : argv(4))) return 0;
  }
  if ((tonumber(now.attempts) ?? 0) >= Number(argv(5))) {
    const stamp = run.nextStamp(tonumber(now.updated_at));
    redis.hset(keys.record, 'status', 'error', 'error', argv(8), 'updated_at', stamp, 'claim', waiting);
    redis.hdel(keys.record, 'result');
    run.markAhead(stamp, 'error');
    run.forgetCheckpoint();
    run.forgetDue();
    return 2;
  }
  const dispatches = tonumber(now.dispatches) ?? 0;
  const wait = Math.min(Number(argv(6)) * 2 ** dispatches, Number(argv(7)));
  const dueAt = us(run.clock() + wait);
  redis.hset(keys.record, 'claim', waiting, 'due_at', dueAt, 'dispatches', dispatches + 1);
  run.markDue(dueAt);
  return 1;
};
