-- The row, not final, has a stamp past the one that was sent, or more than a day before it: the record's becomes the row's + 1.
-- Only while it still is the one that was sent: what came since is judged by itself.
-- ARGV[3] the stamp as it was sent  [4] the row's stamp
-- result 1 rebased | 0 not what was sent
local now = redis.call('HMGET', KEYS[1], 'id', 'updated_at', 'status')
if now[1] ~= ARGV[2] or now[2] ~= ARGV[3] then return 0 end
local stamp = us(tonumber(ARGV[4]) + 1)
redis.call('HSET', KEYS[1], 'updated_at', stamp, 'synced_at', ARGV[4])
redis.call('PERSIST', KEYS[1]) -- what is ahead never expires
mark_ahead(stamp, now[3])
return 1
