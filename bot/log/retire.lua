-- Takes out of Redis what the archive has.
-- KEYS: events, state, ids, memory, living
-- ARGV: conversation, seq that the caller saw ("" for any), first seq to keep,
--       what becomes of it ("stays", "sleeps" without memory and ids, "goes" altogether), then ids to forget
-- Returns 1 | 0 when the conversation went on meanwhile
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local seq = 0
if #last > 0 then seq = tonumber(string.match(last[1][1], '^(%d+)')) end
if ARGV[2] ~= '' and seq ~= tonumber(ARGV[2]) then return 0 end
if ARGV[4] == 'goes' then
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
  redis.call('ZREM', KEYS[5], ARGV[1])
  return 1
end
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[3] .. '-0')
if ARGV[4] == 'sleeps' then
  redis.call('DEL', KEYS[3], KEYS[4])
  redis.call('ZREM', KEYS[5], ARGV[1])
end
for i = 5, #ARGV do redis.call('HDEL', KEYS[3], ARGV[i]) end
return 1
