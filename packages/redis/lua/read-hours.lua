--[[
  read-hours: counts by the hour, as they stand at one moment. Writes nothing.

  KEYS[1] prefix of the instance's keys; META, HOURS and PENDING are read, see add-pending.lua   ARGV[1], ARGV[2] first and last block
  Returns { PENDING; for each block field and value in turn }. Cost O(blocks).
]]
local call = redis.call
local base = KEYS[1] .. string.sub(call("HGET", KEYS[1] .. META, "epoch") or "", 9)
local hours = {}
for block = ARGV[1], ARGV[2] do hours[#hours + 1] = call("HGETALL", base .. HOURS .. block) end
return { call("GET", KEYS[1] .. PENDING) or "", hours }
