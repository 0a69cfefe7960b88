-- Signs a process in for several followers at once, renews what it holds and takes what is free.
-- KEYS: roll, leases
-- ARGV: member, lease in ms, then for each follower: its name, "1" to sign in or "0", partitions as "0,3,"
-- Returns {living members as "follower|member"…}, {what is ours now as "follower|partition"…}
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local lease = tonumber(ARGV[2])

-- A time further ahead than any was ever set stems from before Redis's clock was set back.
local function lasts(till) return till and till > now and till <= now + lease end

local gone, signed, living = {}, {}, {}
for i = 3, #ARGV, 3 do
  if ARGV[i + 1] == '1' then
    signed[#signed + 1] = ARGV[i] .. '|' .. ARGV[1]
    signed[#signed + 1] = now + lease
    living[#living + 1] = ARGV[i] .. '|' .. ARGV[1]
  end
end
if #signed > 0 then redis.call('HSET', KEYS[1], unpack(signed)) end
local known = {}
for _, name in ipairs(living) do known[name] = true end
local roll = redis.call('HGETALL', KEYS[1])
for i = 1, #roll, 2 do
  if not known[roll[i]] then
    if lasts(tonumber(roll[i + 1])) then living[#living + 1] = roll[i] else gone[#gone + 1] = roll[i] end
  end
end
if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) end

local owners, rows, ours, written = {}, redis.call('HGETALL', KEYS[2]), {}, {}
for i = 1, #rows, 2 do
  local till, owner = string.match(rows[i + 1], '^(%d+)|(.*)$')
  if lasts(tonumber(till)) then owners[rows[i]] = owner end
end
for i = 3, #ARGV, 3 do
  for partition in string.gmatch(ARGV[i + 2], '%d+') do
    local name = ARGV[i] .. '|' .. partition
    if owners[name] == nil or owners[name] == ARGV[1] then
      ours[#ours + 1] = name
      written[#written + 1] = name
      written[#written + 1] = string.format('%.0f|%s', now + lease, ARGV[1])
    end
  end
end
if #written > 0 then redis.call('HSET', KEYS[2], unpack(written)) end
return {living, ours}
