-- What the hints name, oldest first; a hint that is no longer true is dropped here. KEYS[1] is the records' prefix.
-- ARGV[1] most of each kind  [2] hold  [3] longest wait
-- result correlation_id, finding, …
local result = {}
local function look(hints, ids, wanted)
  for _, id in ipairs(ids) do
    local found, status, due_at = finding(KEYS[1] .. id, ARGV[2], ARGV[3])
    if found == wanted then
      result[#result + 1] = id
      result[#result + 1] = found
    elseif wanted == 'ahead' or found == 'foreign' or FINAL[status] then
      redis.call('ZREM', hints, id)
    elseif found == nil then
      redis.call('ZADD', hints, us(tonumber(due_at)), id)
    end
  end
end
look(KEYS[2], redis.call('ZRANGE', KEYS[2], 0, ARGV[1] - 1), 'ahead')
look(KEYS[3], redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', us(clock()), 'LIMIT', 0, ARGV[1]), 'due')
return result
