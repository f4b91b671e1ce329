--[[
  drop-lane: throw away what waits in a lane, after lanes.lua. ARGV[1] target   ARGV[2] instance   Returns how many entries.
  Cost O(1): Redis frees the list in the background.
]]
local target, instance = ARGV[1], ARGV[2]
local depth = call("LLEN", key("lane", target, instance))
local bytes = tonumber(call("HGET", key("lane-bytes", target), instance) or 0)
call("UNLINK", key("lane", target, instance))
call("ZREM", key("lanes", target), instance)
call("HDEL", key("lane-bytes", target), instance)
call("HDEL", key("tries", target), instance)
if call("EXISTS", key("stats", target)) == 1 then call("HINCRBY", key("stats", target), "depth", -depth) end
call("DECRBY", root .. "bytes", bytes)
return depth
