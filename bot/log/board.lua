-- Puts one conversation's summary on the desk's board, unless the board knows a newer one.
-- KEYS: summaries, seqs, line, recent, owned, changes
-- ARGV: conversation, seq, summary, score in the line ("" for not in it), owner ("" for none), updated
local known = tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '0')
if tonumber(ARGV[2]) < known then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[3], ARGV[1])
else
  redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
end
redis.call('ZADD', KEYS[4], ARGV[6], ARGV[1])
if ARGV[5] == '' then
  redis.call('HDEL', KEYS[5], ARGV[1])
else
  redis.call('HSET', KEYS[5], ARGV[1], ARGV[5])
end
redis.call('XADD', KEYS[6], 'MAXLEN', '~', 10000, '*', 'c', ARGV[1])
return 1
