-- A worker's report, end or heartbeat (status ''). Only with the token of the claim: an old one writes nothing.
-- A checkpoint with more ticks makes the attempts count from the present one again: the task gets on, and it still ends, as
-- its ticks are bounded.
-- ARGV[3] claim  [4] hold  [5] status  [6] checkpoint's state or ''  [7] its tick  [8] its ran_ms  [9…] field, value…
-- result {1, stamp, due_at, attempts} applied | {0, stamp} the task had ended | {-1} no record | {-2} not its claim;
--   these two try resume
local status = ARGV[5]
local now = redis.call('HMGET', KEYS[1], 'status', 'updated_at', 'claim', 'due_at', 'id', 'attempts', 'checkpoint_tick')
if not now[1] then return { -1 } end
if now[3] ~= ARGV[3] or now[5] ~= ARGV[2] then return { -2 } end
if FINAL[now[1]] then return { now[1] == status and 1 or 0, now[2], now[4], now[6] } end -- 1: this very write came twice
local due_at = us(clock() + tonumber(ARGV[4]))
if status == '' then
  redis.call('HSET', KEYS[1], 'due_at', due_at)
  mark_due(due_at)
  return { 1, now[2], due_at, now[6] }
end
local stamp, attempts = next_stamp(now[2]), now[6]
redis.call('HSET', KEYS[1], 'status', status, 'updated_at', stamp, 'due_at', due_at, unpack(ARGV, 9))
if take_checkpoint(ARGV[6], ARGV[7], ARGV[8], now[7]) then
  attempts = '1'
  redis.call('HSET', KEYS[1], 'attempts', attempts)
end
mark_ahead(stamp, status)
if FINAL[status] then
  forget_checkpoint()
  forget_due()
else
  mark_due(due_at)
end
return { 1, stamp, due_at, attempts }
