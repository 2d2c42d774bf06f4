-- The row, not final, is behind what it had confirmed, or its record is final (a restored database): sync it once more.
-- ARGV[3] the row's stamp
-- result 1 reopened | 0 ahead already, or nothing newer
local now = redis.call('HMGET', KEYS[1], 'id', 'updated_at', 'synced_at', 'status')
if not now[2] or now[1] ~= ARGV[2] then return 0 end
local stamp, row = tonumber(now[2]), tonumber(ARGV[3])
if stamp > tonumber(now[3] or '0') or stamp <= row and not FINAL[now[4]] then return 0 end
redis.call('HSET', KEYS[1], 'synced_at', us(math.min(row, stamp - 1)))
redis.call('PERSIST', KEYS[1])
mark_ahead(now[2], now[4])
return 1
