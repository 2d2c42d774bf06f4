-- Makes the record of a row. Replaces only the settled record of a deleted task, and what is no record: the name is the row's.
-- ARGV[3] user_id  [4] status  [5] the row's stamp  [6] claim: '' by the gateway, '-' by repair  [7] wait  [8] traceparent or ''
-- result 1 seeded | 0 there is a record that counts
local now = read(KEYS[1], 'id', 'user_id', 'status', 'updated_at', 'synced_at')
if is_ours(unpack(now, 1, 5)) then
  local settled = FINAL[now[3]] and tonumber(now[4]) <= tonumber(now[5] or '0')
  if now[1] == ARGV[2] or not settled then return 0 end
end
redis.call('DEL', KEYS[1])
local due_at = us(clock() + tonumber(ARGV[7]))
redis.call('HSET', KEYS[1], 'id', ARGV[2], 'user_id', ARGV[3], 'status', ARGV[4], 'updated_at', ARGV[5],
  'synced_at', ARGV[5], 'claim', ARGV[6], 'attempts', 0, 'dispatches', 0, 'due_at', due_at)
if ARGV[8] ~= '' then redis.call('HSET', KEYS[1], 'traceparent', ARGV[8]) end
mark_due(due_at)
return 1
