-- A worker that stops in good order gives its task back: nobody has it, and the attempt does not count.
-- ARGV[3] claim  [4] wait
-- result 1 handed back, or was already | 0 not its claim any more
local now = redis.call('HMGET', KEYS[1], 'id', 'status', 'claim', 'attempts')
if now[1] ~= ARGV[2] or now[3] ~= ARGV[3] or FINAL[now[2]] then return 0 end
local due_at = us(clock() + tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'claim', WAITING, 'attempts', math.max((tonumber(now[4]) or 0) - 1, 0), 'due_at', due_at)
mark_due(due_at)
redis.call('PUBLISH', KEYS[3], ARGV[1])
return 1
