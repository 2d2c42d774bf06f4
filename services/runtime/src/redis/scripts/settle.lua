-- The row is final or gone: the record ends, is clean whatever its stamp, and expires; all in one step. A worker that has it is
-- told by a message, which is a hint: its next report or heartbeat would tell it too.
-- ARGV[3] ttl (seconds: longer than any hold)  [4] channel
-- result 1 settled | 0 not the record
local now = redis.call('HMGET', KEYS[1], 'id', 'status', 'updated_at')
if not now[2] or (now[1] or '') ~= ARGV[2] then return 0 end
local status, stamp = FINAL[now[2]] and now[2] or 'cancelled', now[3] or '0'
redis.call('HSET', KEYS[1], 'status', status, 'synced_at', stamp)
redis.call('ZREM', KEYS[2], ARGV[1])
forget_checkpoint()
forget_due()
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[1] .. ' ' .. status .. ' ' .. stamp)
return 1
