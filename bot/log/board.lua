-- Puts summaries on the desk's board, each unless the board knows a newer one of its conversation.
-- KEYS: summaries, seqs, line, recent, owned, changes
-- ARGV: for each conversation, of which none comes twice: its name, seq, summary, score in the line
--       ("" for not in it), owner ("" for none), updated
-- Returns how many were put.
local names = {}
for i = 1, #ARGV, 6 do names[#names + 1] = ARGV[i] end
local known = redis.call('HMGET', KEYS[2], unpack(names))
local fresh, seqs, summaries, recent = {}, {}, {}, {}
local waits, waits_not, owned, owned_not = {}, {}, {}, {}
for n, name in ipairs(names) do
  local i = 6 * (n - 1)
  local seq, score, owner = ARGV[i + 2], ARGV[i + 4], ARGV[i + 5]
  if tonumber(seq) >= tonumber(known[n] or '0') then
    fresh[#fresh + 1] = name
    seqs[#seqs + 1] = name
    seqs[#seqs + 1] = seq
    summaries[#summaries + 1] = name
    summaries[#summaries + 1] = ARGV[i + 3]
    recent[#recent + 1] = ARGV[i + 6]
    recent[#recent + 1] = name
    if score == '' then
      waits_not[#waits_not + 1] = name
    else
      waits[#waits + 1] = score
      waits[#waits + 1] = name
    end
    if owner == '' then
      owned_not[#owned_not + 1] = name
    else
      owned[#owned + 1] = name
      owned[#owned + 1] = owner
    end
  end
end
if #fresh == 0 then return 0 end
redis.call('HSET', KEYS[2], unpack(seqs))
redis.call('HSET', KEYS[1], unpack(summaries))
redis.call('ZADD', KEYS[4], unpack(recent))
if #waits > 0 then redis.call('ZADD', KEYS[3], unpack(waits)) end
if #waits_not > 0 then redis.call('ZREM', KEYS[3], unpack(waits_not)) end
if #owned > 0 then redis.call('HSET', KEYS[5], unpack(owned)) end
if #owned_not > 0 then redis.call('HDEL', KEYS[5], unpack(owned_not)) end
for _, name in ipairs(fresh) do redis.call('XADD', KEYS[6], 'MAXLEN', '~', 10000, '*', 'c', name) end
return #fresh
