-- The one write: numbers events, stores them with the state they add up to, tells the followers.
-- KEYS: events, state, ids, memory, feed, owed, living
-- ARGV: conversation, seq that the writer saw, id to know duplicates by, new state,
--       memory ("" leaves it), owed since ("0" for nothing owed), time, then id and event in turn
-- Returns {0, seq of the first new event} | {1, seq of the stored duplicate} | {2, current seq}
local seen = redis.call('HGET', KEYS[3], ARGV[3])
if seen then
  -- Written anew, so that WAIT after it means: what was seen stands on the replicas too.
  redis.call('HSET', KEYS[3], ARGV[3], seen)
  return {1, tonumber(seen)}
end

local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local seq = 0
if #last > 0 then seq = tonumber(string.match(last[1][1], '^(%d+)')) end
if seq ~= tonumber(ARGV[2]) then return {2, seq} end

local first = seq + 1
for i = 8, #ARGV, 2 do
  seq = seq + 1
  redis.call('XADD', KEYS[1], seq .. '-0', 'e', ARGV[i + 1])
  redis.call('HSET', KEYS[3], ARGV[i], seq)
end
redis.call('SET', KEYS[2], ARGV[4])
if ARGV[5] ~= '' then redis.call('SET', KEYS[4], ARGV[5]) end
if ARGV[6] == '0' then
  redis.call('ZREM', KEYS[6], ARGV[1])
else
  redis.call('ZADD', KEYS[6], ARGV[6], ARGV[1])
end
redis.call('ZADD', KEYS[7], ARGV[7], ARGV[1])
redis.call('XADD', KEYS[5], '*', 'c', ARGV[1], 'a', first, 'z', seq)
return {0, first}
