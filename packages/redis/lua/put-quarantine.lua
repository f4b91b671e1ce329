--[[
  put-quarantine: add entries, and drop what is beyond the bounds: of each instance that was added to its own oldest, and of all the
  oldest of the instance that has most. So an instance that has less than its share loses nothing to another.

  KEYS see quarantine.lua
  ARGV[1], ARGV[2] entries and bytes that all may have   ARGV[3], ARGV[4] those that one instance may have
  then for each new one: id, receipt, reason, instance, entry; without an id only the instance is looked at
  Returns how many went, DROPPED_MAX at most: then call it again, without ids. Cost O((added + dropped) log entries).
]]
local DROPPED_MAX, dropped = 1000, 0
local entriesMax, bytesMax, ownEntriesMax, ownBytesMax = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local touched = {}
for i = 5, #ARGV, 5 do
  local id, receipt, reason, instance, entry = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  touched[instance] = true
  if id ~= "" and call("HSETNX", TAGS, id, #entry .. " " .. reason .. " " .. instance) == 1 then
    call("HSET", ENTRIES, id, entry)
    call("ZADD", ORDER, receipt, id)
    call("ZADD", OWN .. instance, receipt, id)
    call("ZINCRBY", SHARES, #entry, instance)
    call("INCRBY", BYTES, #entry)
  end
end

local function dropOldest(key)
  local oldest = call("ZRANGE", key, 0, 0)[1]
  if not oldest then return false end
  dropped = dropped + drop(oldest)
  return dropped < DROPPED_MAX
end

for instance in pairs(touched) do
  local key = OWN .. instance
  while call("ZCARD", key) > ownEntriesMax or tonumber(call("ZSCORE", SHARES, instance) or 0) > ownBytesMax do
    if not dropOldest(key) then break end
  end
end
while call("HLEN", ENTRIES) > entriesMax or tonumber(call("GET", BYTES) or 0) > bytesMax do
  local largest = call("ZRANGE", SHARES, -1, -1)[1]
  if not dropOldest(largest and OWN .. largest or ORDER) then break end
end
return dropped
