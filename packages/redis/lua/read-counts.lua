--[[
  read-counts: counts by time, as they stand at one moment. Writes nothing.

  KEYS[1] prefix of the instance's keys; META, PENDING and ARGV[1] are read, see add-pending.lua
  ARGV[1] HOURS, KINDS, COHORTS or LATENCIES   ARGV[2], ARGV[3] first and last block
  Returns { PENDING; for each block field and value in turn, joined by ";" (a field's length is known): one text is read faster }. O(blocks).
]]
local call = redis.call
local prefix = KEYS[1] .. string.sub(call("HGET", KEYS[1] .. META, "epoch") or "", 9) .. ARGV[1]
local blocks = {}
for block = ARGV[2], ARGV[3] do blocks[#blocks + 1] = table.concat(call("HGETALL", prefix .. block), ";") end
return { call("GET", KEYS[1] .. PENDING) or "", blocks }
