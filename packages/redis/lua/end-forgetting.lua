--[[
  end-forgetting: one forgotten epoch of an instance is deleted. When none is left and nothing new was recorded, its last key goes 20
  seconds later: until then it keeps a process that was stopped meanwhile from storing what it had decided on before.

  KEYS[1] prefix of the instance's keys   ARGV[1] the entry of FORGOTTEN that is done, "" for none   Returns how many are left.
]]
local call, root = redis.call, KEYS[1]
if ARGV[1] ~= "" then call("LREM", root .. FORGOTTEN, 1, ARGV[1]) end
local left = call("LLEN", root .. FORGOTTEN)
if left == 0 and call("HLEN", root .. META) == 2 and call("HEXISTS", root .. META, "epoch") == 1 then call("EXPIRE", root .. META, 20) end
return left
