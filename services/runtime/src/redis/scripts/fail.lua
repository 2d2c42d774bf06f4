-- What Supabase can't store ends in error; also over a final status, which no user has seen. Stamped past the last confirmed
-- stamp only, as the record's own may be the fault.
-- ARGV[3] the stamp as it was sent  [4] a text that is safe to show
-- result 1 failed | 0 not what was sent
local now = redis.call('HMGET', KEYS[1], 'id', 'updated_at', 'synced_at')
if now[1] ~= ARGV[2] or now[2] ~= ARGV[3] then return 0 end
local stamp = next_stamp(now[3])
redis.call('HDEL', KEYS[1], 'result', 'tick')
redis.call('HSET', KEYS[1], 'status', 'error', 'error', ARGV[4], 'updated_at', stamp, 'claim', WAITING)
redis.call('PERSIST', KEYS[1])
mark_ahead(stamp, 'error')
forget_checkpoint()
forget_due()
return 1
