-- A due record whose row was read after it and is not final: nobody has it now, so publish. After its last attempt it ends.
-- Only one of two reconcilers is told to publish; whoever had the task is fenced.
-- ARGV[3] due_at as it was seen  [4] hold  [5] most attempts  [6] wait  [7] longest wait  [8] error after the last attempt
-- result 1 publish | 2 it ended | 0 not due any more, or not the record that was seen
local now = redis.call('HMGET', KEYS[1], 'id', 'status', 'claim', 'attempts', 'due_at', 'dispatches', 'updated_at')
if not now[2] or now[1] ~= ARGV[2] or FINAL[now[2]] then return 0 end
if us(whole(now[5]) or 0) ~= ARGV[3] then return 0 end -- one written by hand counts as 0, and is set anew
if live(now[5], now[3] == WAITING and ARGV[7] or ARGV[4]) then return 0 end
if (tonumber(now[4]) or 0) >= tonumber(ARGV[5]) then
  local stamp = next_stamp(now[7])
  redis.call('HSET', KEYS[1], 'status', 'error', 'error', ARGV[8], 'updated_at', stamp, 'claim', WAITING)
  redis.call('HDEL', KEYS[1], 'result')
  mark_ahead(stamp, 'error')
  forget_checkpoint()
  forget_due()
  return 2
end
local dispatches = tonumber(now[6]) or 0
local wait = math.min(tonumber(ARGV[6]) * 2 ^ dispatches, tonumber(ARGV[7])) -- a backlog is no reason for a storm
local due_at = us(clock() + wait)
redis.call('HSET', KEYS[1], 'claim', WAITING, 'due_at', due_at, 'dispatches', dispatches + 1)
mark_due(due_at)
return 1
