--[[
  commit-import: what an import has written under an epoch of its own becomes the instance, at once for every reader. Until then nothing
  of it shows.

  KEYS[1] prefix of the instance's keys
  ARGV[1] the entry of IMPORTING   ARGV[2] field `epoch` of META from then on   ARGV[3] "1" to replace what is there
  ARGV[4], ARGV[5], ARGV[6] COUNTS, RETRACTED and PENDING, "" for none   ARGV[7…] the rest of META, field and value in turn

  Returns "done", or what stood in the way: "has_data"; "other_import", if another one began meanwhile.
]]
local root = KEYS[1]

local function hasAny(values)
  for i = 1, #values do if values[i] then return true end end
  return false
end

if call("GET", root .. IMPORTING) ~= ARGV[1] then return "other_import" end
if ARGV[3] ~= "1" and hasAny(call("HMGET", root .. META, "summary", "ignoreGroups", "failureRatioMax")) then return "has_data" end
call("DEL", root .. IMPORTING)
forget(root, ARGV[2])
call("DEL", root .. META, root .. COUNTS, root .. RETRACTED, root .. PENDING)
call("HSET", root .. META, "epoch", ARGV[2], "head", LAYOUT)
if #ARGV > 6 then call("HSET", root .. META, unpack(ARGV, 7)) end
if ARGV[4] ~= "" then call("SET", root .. COUNTS, ARGV[4]) end
if ARGV[5] ~= "" then call("SET", root .. RETRACTED, ARGV[5]) end
if ARGV[6] ~= "" then call("SET", root .. PENDING, ARGV[6]) end
return "done"
