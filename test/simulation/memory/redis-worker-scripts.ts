import { final, held, type Script, tonumber, us, waiting } from './redis-prelude.ts';

type Answer = [number, ...(string | null)[]];

/** claim.lua */
export const claim: Script<Answer> = ({ redis, keys, argv, guards, read, ...run }) => {
  const now = read();
  const missing = now.status === null;
  if (missing ? guards('claim_needs_record') : now.id !== argv(2)) return [-1];
  if (final.has(now.status) && guards('final_sticks_in_redis')) return [0];
  const checkpoint = guards('claim_tells_checkpoint')
    ? [now.checkpoint, now.checkpoint_tick, now.checkpoint_ran_ms]
    : [null, null, null];
  const taken = (stamp: string | null, due: string | null, count: string | null): Answer => [
    ...([1, stamp, due, count] as const),
    ...checkpoint,
  ];
  if (now.claim === argv(3)) return taken(now.updated_at, now.due_at, now.attempts);
  if (now.claim === held || (now.claim !== waiting && run.live(now.due_at, argv(4)))) return [-2];
  const attempts = tonumber(now.attempts) ?? 0;
  if (attempts >= Number(argv(5))) return [-3];
  const stamp = run.nextStamp(tonumber(now.updated_at));
  const dueAt = us(run.clock() + Number(argv(4)));
  if (missing) redis.hset(keys.record, 'id', argv(2)); // not in the Lua: the protection that is off
  redis.hset(keys.record, 'status', 'accepted', 'updated_at', stamp, 'claim', argv(3));
  redis.hset(keys.record, 'attempts', attempts + 1, 'due_at', dueAt, 'dispatches', 0);
  run.markAhead(stamp, 'accepted');
  run.markDue(dueAt);
  return taken(stamp, dueAt, us(attempts + 1));
};

/** update.lua */
export const update: Script<Answer> = ({ redis, keys, argv, rest, guards, hmget, ...run }) => {
  const status = argv(5);
  const now = hmget();
  if (now.status === null) return [-1];
  if ((guards('fencing') && now.claim !== argv(3)) || now.id !== argv(2)) return [-2];
  if (final.has(now.status) && guards('final_sticks_in_redis'))
    return [now.status === status ? 1 : 0, now.updated_at, now.due_at, now.attempts];
  const dueAt = us(run.clock() + Number(argv(4)));
  if (status === '') {
    redis.hset(keys.record, 'due_at', dueAt);
    run.markDue(dueAt);
    return [1, now.updated_at, dueAt, now.attempts];
  }
  const stamp = run.nextStamp(tonumber(now.updated_at));
  redis.hset(keys.record, 'status', status, 'updated_at', stamp, 'due_at', dueAt, ...rest(9));
  let { attempts } = now;
  const getsOn = run.takeCheckpoint(argv(6), argv(7), argv(8), now.checkpoint_tick);
  if (getsOn || (argv(6) !== '' && !guards('attempts_by_progress'))) {
    attempts = '1';
    redis.hset(keys.record, 'attempts', attempts);
  }
  run.markAhead(stamp, status);
  if (final.has(status)) {
    run.forgetCheckpoint();
    run.forgetDue();
  } else run.markDue(dueAt);
  return [1, stamp, dueAt, attempts];
};

/** resume.lua */
export const resume: Script<Answer> = ({ redis, keys, argv, rest, guards, hmget, ...run }) => {
  const now = hmget();
  if (now.status !== null) {
    if (now.id !== argv(2)) return [-2];
    if (final.has(now.status)) return [0];
    if (now.claim === argv(3)) return [1, now.updated_at, now.due_at];
    if (now.claim !== waiting && now.claim !== held) return [-2];
  }
  if (guards('resume_within_claim') && !run.live(argv(5), argv(4))) return [-2];
  const stamp = run.nextStamp(Math.max(Number(argv(6)), Number(now.updated_at ?? '0')));
  const dueAt = us(run.clock() + Number(argv(4)));
  redis.hset(keys.record, 'synced_at', now.synced_at ?? '0', 'dispatches', 0, ...rest(10));
  if (guards('checkpoint_put_back')) run.takeCheckpoint(argv(7), argv(8), argv(9), now.checkpoint_tick);
  redis.hset(keys.record, 'id', argv(2), 'claim', argv(3), 'updated_at', stamp, 'due_at', dueAt);
  run.markAhead(stamp, redis.hget(keys.record, 'status'));
  run.markDue(dueAt);
  return [1, stamp, dueAt];
};

/** hand_back.lua */
export const handBack: Script<number> = ({ redis, keys, argv, guards, hmget, ...run }) => {
  const now = hmget();
  if (now.status === null) return -1;
  if (now.id !== argv(2) || final.has(now.status)) return 0;
  if (now.claim === held) return -1;
  if (guards('fencing') && now.claim !== argv(3)) return 0;
  const attempts = tonumber(now.attempts) ?? 0;
  const spent = argv(6) === '1';
  if (spent && attempts >= Number(argv(7))) return -3;
  const dueAt = us(run.clock() + Math.min(Number(argv(4)), Number(argv(5))));
  redis.hset(
    keys.record,
    'claim',
    waiting,
    'attempts',
    spent && guards('spent_counts') ? attempts : Math.max(attempts - 1, 0),
  );
  redis.hset(keys.record, 'due_at', dueAt);
  run.markDue(dueAt);
  redis.publish(keys.due, argv(1));
  return 1;
};
