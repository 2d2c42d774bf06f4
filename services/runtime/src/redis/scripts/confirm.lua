-- After Supabase confirmed a stamp. Never moves back; keeps what came meanwhile ahead; says nothing about a record of another
-- life (FLUSHALL, failover). Lets a final record expire.
-- ARGV[3] stamp  [4] status (both as they were sent)  [5] ttl (seconds)
-- result 1 clean | 0 still ahead | -1 no record | -2 not what was sent
local now = redis.call('HMGET', KEYS[1], 'updated_at', 'synced_at', 'status', 'id')
if not now[1] then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return -1
end
local stamp, last = tonumber(ARGV[3]), tonumber(now[1])
if now[4] ~= ARGV[2] or last < stamp or last == stamp and now[3] ~= ARGV[4] then return -2 end
if tonumber(now[2] or '0') < stamp then redis.call('HSET', KEYS[1], 'synced_at', ARGV[3]) end
if last > stamp then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
if FINAL[now[3]] then
  forget_due()
  redis.call('EXPIRE', KEYS[1], ARGV[5])
end
return 1
