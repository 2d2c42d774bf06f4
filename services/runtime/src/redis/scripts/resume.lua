-- A worker's record is gone, or only what repair put back: it goes on, if its hold has not run out by Redis' time. Else
-- another may have had the task since, and be gone with the record.
-- ARGV[3] claim  [4] hold  [5] its due_at as Redis last told it  [6] its last stamp  [7] checkpoint's state or ''  [8] its tick
-- [9] its ran_ms  [10…] field, value… (all it knows)
-- result {1, stamp, due_at} | {0} ended | {-2} stop
local now = redis.call('HMGET', KEYS[1], 'id', 'status', 'claim', 'updated_at', 'synced_at', 'due_at', 'checkpoint_tick')
if now[2] then
  if now[1] ~= ARGV[2] then return { -2 } end
  if FINAL[now[2]] then return { 0 } end
  if now[3] == ARGV[3] then return { 1, now[4], now[6] } end
  if now[3] ~= WAITING and now[3] ~= HELD then return { -2 } end
end
if not live(ARGV[5], ARGV[4]) then return { -2 } end
local stamp = next_stamp(math.max(tonumber(ARGV[6]), tonumber(now[4] or '0')))
local due_at = us(clock() + tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'synced_at', now[5] or '0', 'dispatches', 0, unpack(ARGV, 10))
take_checkpoint(ARGV[7], ARGV[8], ARGV[9], now[7])
redis.call('HSET', KEYS[1], 'id', ARGV[2], 'claim', ARGV[3], 'updated_at', stamp, 'due_at', due_at)
mark_ahead(stamp, redis.call('HGET', KEYS[1], 'status'))
mark_due(due_at)
return { 1, stamp, due_at }
