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

local first, ids = seq + 1, {}
for i = 8, #ARGV, 2 do
  seq = seq + 1
  redis.call('XADD', KEYS[1], seq .. '-0', 'e', ARGV[i + 1])
  ids[#ids + 1] = ARGV[i]
  ids[#ids + 1] = seq
end
redis.call('HSET', KEYS[3], unpack(ids))
redis.call('SET', KEYS[2], ARGV[4])
if ARGV[5] ~= '' then redis.call('SET', KEYS[4], ARGV[5]) end
if ARGV[6] == '0' then
  redis.call('ZREM', KEYS[6], ARGV[1])
else
  redis.call('ZADD', KEYS[6], ARGV[6], ARGV[1])
end
redis.call('ZADD', KEYS[7], ARGV[7], ARGV[1])
-- Small news bring what they are about, so that those who follow need not ask for it.
local news, size = {}, #ARGV[4]
for i = 8, #ARGV, 2 do
  news[#news + 1] = ARGV[i + 1]
  size = size + #ARGV[i + 1]
end
if size <= 8192 then
  redis.call('XADD', KEYS[5], '*', 'c', ARGV[1], 'a', first, 'z', seq,
    's', ARGV[4], 'e', '[' .. table.concat(news, ',') .. ']')
else
  redis.call('XADD', KEYS[5], '*', 'c', ARGV[1], 'a', first, 'z', seq)
end
return {0, first}
