-- A worker says that it is there. KEYS[1] is the workers' zset, by the time until which each counts.
-- ARGV[1] worker, `<id> <version>`  [2] how long it counts
-- result 1
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', us(clock()))
redis.call('ZADD', KEYS[1], us(clock() + tonumber(ARGV[2])), ARGV[1])
return 1
