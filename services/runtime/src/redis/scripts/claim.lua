-- A worker takes a record that waits, or whose claim ran out. Never makes one. Moves the stamp, so that every start is
-- checked against Supabase at once. Tells the checkpoint that an earlier attempt left: its state, tick and ran_ms, or nils.
-- ARGV[3] claim: a new token of the worker's  [4] hold  [5] most attempts
-- result {1, stamp, due_at, attempts, state, tick, ran_ms} | {0} ended | {-1} no record | {-2} another has it
--   | {-3} no attempt left
local now = read(KEYS[1], 'id', 'status', 'claim', 'attempts', 'due_at', 'updated_at', 'checkpoint', 'checkpoint_tick',
  'checkpoint_ran_ms')
if not now[2] or now[1] ~= ARGV[2] then return { -1 } end
if FINAL[now[2]] then return { 0 } end
local function taken(stamp, due_at, attempts) return { 1, stamp, due_at, attempts, now[7], now[8], now[9] } end
if now[3] == ARGV[3] then return taken(now[6], now[5], now[4]) end -- this very claim's answer was lost
if now[3] == HELD or now[3] ~= WAITING and live(now[5], ARGV[4]) then return { -2 } end
local attempts = tonumber(now[4]) or 0
if attempts >= tonumber(ARGV[5]) then return { -3 } end
local stamp, due_at = next_stamp(now[6]), us(clock() + tonumber(ARGV[4]))
redis.call('HSET', KEYS[1], 'status', 'accepted', 'updated_at', stamp, 'claim', ARGV[3], 'attempts', attempts + 1,
  'due_at', due_at, 'dispatches', 0)
mark_ahead(stamp, 'accepted')
mark_due(due_at)
return taken(stamp, due_at, us(attempts + 1))
