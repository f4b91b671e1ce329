--[[
  forget-unchanged: as forget-instance, if what is there is what it was before: nobody has written it since.

  KEYS[1] prefix of the instance's keys   ARGV[1] hash key of the next epoch   ARGV[2] mark of what is to be forgotten, "" to forget nothing
  Returns the mark of what is there afterwards, "" if there is nothing. Cost O(counters).
]]
local root = KEYS[1]

local function markOf()
  -- An import in progress is registered at its end.
  if call("EXISTS", root .. IMPORTING) == 1 then return "" end
  local meta = call("HGETALL", root .. META)
  if #meta == 0 or (#meta == 4 and call("HEXISTS", root .. META, "epoch") == 1) then return "" end
  local counts, pending = call("GET", root .. COUNTS) or "", call("GET", root .. PENDING) or ""
  return redis.sha1hex(cmsgpack.pack({ meta, counts, pending }))
end

local mark = markOf()
if mark == "" or mark ~= ARGV[2] then return mark end
forget(root, ARGV[1])
return markOf()
