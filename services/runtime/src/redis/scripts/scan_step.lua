-- One bounded step of the scan over the whole keyspace. KEYS as in the others, KEYS[1] is the records' prefix.
-- ARGV[1] cursor  [2] count  [3] hold  [4] longest wait  [5] quiet age, where quiet records are asked for
-- result the next cursor, how many keys were looked at, then correlation_id, finding, … A foreign key, of whatever type, is named and never fatal: one must
-- not stop the scan.
-- (1M hashes take 4 to 5 s with PING p99 of 2 to 4 ms at a count of 500; SCAN and HMGET by a client take 9 to 12 s.)
local step = redis.call('SCAN', ARGV[1], 'MATCH', KEYS[1] .. '*', 'COUNT', ARGV[2])
local result = { step[1], #step[2] }
for _, key in ipairs(step[2]) do
  local found = finding(key, ARGV[3], ARGV[4], ARGV[5])
  if found then
    result[#result + 1] = string.sub(key, #KEYS[1] + 1)
    result[#result + 1] = found
  end
end
return result
