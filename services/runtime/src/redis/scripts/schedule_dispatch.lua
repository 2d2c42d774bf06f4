-- After a publish: when to publish again if nobody claims it. Without it the task is only published again sooner.
-- ARGV[3] wait
-- result 1 set | 0 not the record, or it is claimed
local now = redis.call('HMGET', KEYS[1], 'id', 'claim', 'status')
if now[1] ~= ARGV[2] or now[2] ~= WAITING or FINAL[now[3]] then return 0 end
local due_at = us(clock() + tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], 'due_at', due_at)
mark_due(due_at)
return 1
