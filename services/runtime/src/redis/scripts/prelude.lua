-- Put before every script of this folder.
--   KEYS[1]  task:<correlation_id>  the record, a hash
--   KEYS[2]  tasks:ahead            zset, correlation_id by updated_at: what Supabase does not have yet
--   KEYS[3]  tasks:due              zset, correlation_id by due_at: what somebody must act on, and when
--   ARGV[1]  correlation_id         ARGV[2]  id, the row's primary key, which names one task for good
-- The zsets and the channels of the same names are hints: dropping them loses nothing, the scan finds it all.
-- Times are microseconds by this Redis' clock, integers kept as strings. NEVER tostring() or .. on a number: Lua prints
-- "%.14g", 1.7e+15. Use us().
local FINAL = { completed = true, error = true, cancelled = true }
local STATUS = { pending = true, accepted = true, started = true, in_progress = true, completed = true, error = true,
  cancelled = true }
local WAITING, HELD = '', '-'

local function us(number) return string.format('%.0f', number) end

-- One time for the whole script, asked for once: a step of the scan judges hundreds of records by it.
local read_clock
local function clock()
  if not read_clock then
    local time = redis.call('TIME')
    read_clock = tonumber(time[1]) * 1000000 + tonumber(time[2])
  end
  return read_clock
end

-- This host's clock, but always past the record's last stamp: a clock that steps back or lags can't hide a write.
local function next_stamp(last) return us(math.max(clock(), (tonumber(last) or 0) + 1)) end

-- Still ahead in time, and not further than it can have been set: after a failover the clock may be another's.
local function live(due_at, longest)
  local left = (tonumber(due_at) or 0) - clock()
  return left > 0 and left <= tonumber(longest)
end

local function mark_ahead(stamp, status)
  redis.call('ZADD', KEYS[2], stamp, ARGV[1])
  redis.call('PUBLISH', KEYS[2], ARGV[1] .. ' ' .. status .. ' ' .. stamp)
end

local function mark_due(due_at) redis.call('ZADD', KEYS[3], due_at, ARGV[1]) end

local function forget_due() redis.call('ZREM', KEYS[3], ARGV[1]) end

-- A checkpoint never goes back: one with fewer ticks than the record's came late, or from one who knows less. Answers whether it
-- has more.
local function take_checkpoint(state, tick, ran_ms, last_tick)
  local ticks, last = tonumber(tick), tonumber(last_tick) or 0
  if state == '' or ticks < last then return false end
  redis.call('HSET', KEYS[1], 'checkpoint', state, 'checkpoint_tick', tick, 'checkpoint_ran_ms', ran_ms)
  return ticks > last
end

-- Nobody goes on with what has ended.
local function forget_checkpoint() redis.call('HDEL', KEYS[1], 'checkpoint', 'checkpoint_tick', 'checkpoint_ran_ms') end

-- The fields of a hash; none where the key holds another type, which must stop nobody.
local function read(key, ...)
  local fields = redis.pcall('HMGET', key, ...)
  return fields.err and {} or fields
end

-- A whole number that a double holds exactly, as every stamp is. nil: anything else that tonumber would take.
local function whole(text)
  if not (text and #text <= 16 and string.find(text, '^%d+$')) then return nil end
  local number = tonumber(text)
  return number <= 9007199254740991 and number or nil
end

-- Whether these are fields of a record of ours; else the key is foreign: somebody else's, or written by hand.
local function is_ours(id, user_id, status, updated_at, synced_at)
  local named = id and id ~= '' and user_id and user_id ~= ''
  return named and STATUS[status] and whole(updated_at) and whole(synced_at or '0')
end

-- What a record needs, then its status and due_at. nil: nothing; 'foreign': no record of ours.
-- 'quiet', only where quiet_age is given: a worker has it, and it had nothing to sync for that long. A stamp that is ahead of
-- the clock tells no age, so it counts as quiet: else it would hide the record until the clock gets there.
local function finding(key, hold, longest_wait, quiet_age)
  local fields = read(key, 'id', 'user_id', 'status', 'updated_at', 'synced_at', 'claim', 'due_at')
  if not is_ours(unpack(fields, 1, 5)) then return 'foreign' end
  local status, claim, due_at = fields[3], fields[6], fields[7]
  local stamp, synced = tonumber(fields[4]), tonumber(fields[5] or '0')
  if stamp > synced then return 'ahead', status, due_at end
  if FINAL[status] then return nil, status, due_at end
  if not live(due_at, claim == WAITING and longest_wait or hold) then return 'due', status, due_at end
  if not quiet_age or claim == WAITING or claim == HELD then return nil, status, due_at end
  local age = clock() - stamp
  return (age < 0 or age >= tonumber(quiet_age)) and 'quiet' or nil, status, due_at
end
