-- The workers that are there. KEYS[1] is the workers' zset. One that counts for longer than it can have said (after a failover
-- the clock may be another's) doesn't count until it speaks again.
-- ARGV[1] how long a worker counts
-- result `<id> <version>`, …
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. us(clock()), us(clock() + tonumber(ARGV[1])))
