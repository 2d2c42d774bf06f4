import { final, type Script, tonumber, us, waiting } from './redis-prelude.ts';

/** confirm.lua */
export const confirm: Script<number> = ({ redis, keys, argv, guards, hmget, ...run }) => {
  const now = hmget();
  if (now.updated_at === null) {
    redis.zrem(keys.ahead, argv(1));
    return -1;
  }
  const stamp = Number(argv(3));
  const last = Number(now.updated_at);
  const sent = now.id === argv(2) && last >= stamp && (last !== stamp || now.status === argv(4));
  if (guards('confirm_condition') && !sent) return -2;
  if (Number(now.synced_at ?? '0') < stamp) redis.hset(keys.record, 'synced_at', argv(3));
  if (last > stamp) return 0;
  redis.zrem(keys.ahead, argv(1));
  if (final.has(now.status)) {
    run.forgetDue();
    redis.expire(keys.record, Number(argv(5)));
  }
  return 1;
};

/** settle.lua */
export const settle: Script<number> = ({ redis, keys, argv, hmget, ...run }) => {
  const now = hmget();
  if (now.status === null || (now.id ?? '') !== argv(2)) return 0;
  const status = final.has(now.status) ? now.status : 'cancelled';
  const stamp = now.updated_at ?? '0';
  redis.hset(keys.record, 'status', status, 'synced_at', stamp);
  redis.zrem(keys.ahead, argv(1));
  run.forgetCheckpoint();
  run.forgetDue();
  redis.expire(keys.record, Number(argv(3)));
  redis.publish(argv(4), `${argv(1)} ${status} ${stamp}`);
  return 1;
};

/** rebase.lua */
export const rebase: Script<number> = ({ redis, keys, argv, guards, hmget, ...run }) => {
  const now = hmget();
  if (now.id !== argv(2) || (guards('rebase_condition') && now.updated_at !== argv(3))) return 0;
  const stamp = us(Number(argv(4)) + 1);
  redis.hset(keys.record, 'updated_at', stamp, 'synced_at', argv(4));
  redis.persist(keys.record);
  run.markAhead(stamp, now.status);
  return 1;
};

/** fail.lua */
export const fail: Script<number> = ({ redis, keys, argv, hmget, ...run }) => {
  const now = hmget();
  if (now.id !== argv(2) || now.updated_at !== argv(3)) return 0;
  const stamp = run.nextStamp(tonumber(now.synced_at));
  redis.hdel(keys.record, 'result', 'tick');
  redis.hset(keys.record, 'status', 'error', 'error', argv(4), 'updated_at', stamp, 'claim', waiting);
  redis.persist(keys.record);
  run.markAhead(stamp, 'error');
  run.forgetCheckpoint();
  run.forgetDue();
  return 1;
};

/** reopen.lua */
export const reopen: Script<number> = ({ redis, keys, argv, hmget, ...run }) => {
  const now = hmget();
  if (now.updated_at === null || now.id !== argv(2)) return 0;
  const stamp = Number(now.updated_at);
  const row = Number(argv(3));
  if (stamp > Number(now.synced_at ?? '0') || (stamp <= row && !final.has(now.status))) return 0;
  redis.hset(keys.record, 'synced_at', us(Math.min(row, stamp - 1)));
  redis.persist(keys.record);
  run.markAhead(now.updated_at, now.status);
  return 1;
};
