-- What a writer needs to know, in one round trip.
-- KEYS: state, ids   ARGV: id to know duplicates by, or ""
-- Returns {state or false, seconds, microseconds, seq of the duplicate or false}
local now = redis.call('TIME')
local seen = false
if ARGV[1] ~= '' then seen = redis.call('HGET', KEYS[2], ARGV[1]) end
return {redis.call('GET', KEYS[1]), now[1], now[2], seen}
