-- After a publish: when to publish again if nobody claims it. Without it the task is only published again sooner. What somebody
-- has had and handed back meanwhile says itself when it is due, and is only brought nearer.
-- ARGV[3] wait
-- result 1 set | 0 not the record, or it is claimed, or due before
local now = redis.call('HMGET', KEYS[1], 'id', 'claim', 'status', 'due_at')
if now[1] ~= ARGV[2] or now[2] ~= WAITING or FINAL[now[3]] then return 0 end
local due_at = us(clock() + tonumber(ARGV[3]))
if now[3] ~= 'pending' and tonumber(due_at) > (tonumber(now[4]) or 0) then return 0 end
redis.call('HSET', KEYS[1], 'due_at', due_at)
mark_due(due_at)
return 1
