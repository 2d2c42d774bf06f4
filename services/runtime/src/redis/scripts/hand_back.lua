-- A worker gives its task back: nobody has it then, and it is due after the wait. An attempt that is not spent (the worker
-- stops in good order) does not count. After the last one the claim stays: its worker has to end the task.
-- ARGV[3] claim  [4] wait  [5] longest wait: what waits longer counts as due  [6] '1' where the attempt is spent, else '0'
-- [7] most attempts
-- result 1 handed back | 0 not its claim, or not any more | -1 no record, or only what repair put back: try resume
--   | -3 no attempt left, and nothing was changed
local now = redis.call('HMGET', KEYS[1], 'id', 'status', 'claim', 'attempts')
if not now[2] then return -1 end
if now[1] ~= ARGV[2] or FINAL[now[2]] then return 0 end
if now[3] == HELD then return -1 end
if now[3] ~= ARGV[3] then return 0 end
local attempts = tonumber(now[4]) or 0
local spent = ARGV[6] == '1'
if spent and attempts >= tonumber(ARGV[7]) then return -3 end
local due_at = us(clock() + math.min(tonumber(ARGV[4]), tonumber(ARGV[5])))
redis.call('HSET', KEYS[1], 'claim', WAITING, 'attempts', spent and attempts or math.max(attempts - 1, 0), 'due_at', due_at)
mark_due(due_at)
redis.call('PUBLISH', KEYS[3], ARGV[1])
return 1
