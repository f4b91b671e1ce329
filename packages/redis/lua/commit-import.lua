--[[
  commit-import: what an import has written under a life of its own becomes the instance, at once for every reader. Until then
  nobody sees any of it.

  KEYS[1] prefix of the instance's keys
  ARGV[1] the entry of IMPORTING   ARGV[2] the life in it   ARGV[3] "1" to replace what is there   ARGV[4] COUNTS, "" for none
  ARGV[5…] META without the life, field and value in turn

  Returns "done", or what stood in the way: "has_data"; "other_import", if another one began meanwhile.
]]
local root, life = KEYS[1], ARGV[2]
if call("GET", root .. IMPORTING) ~= ARGV[1] then return "other_import" end
local fields = call("HLEN", root .. META)
if ARGV[3] ~= "1" and fields > call("HEXISTS", root .. META, "life") then return "has_data" end
call("DEL", root .. IMPORTING)
forgetLife(root)
call("DEL", root .. META, root .. COUNTS)
if life ~= "" then call("HSET", root .. META, "life", life) end
if #ARGV > 4 then call("HSET", root .. META, unpack(ARGV, 5)) end
if ARGV[4] ~= "" then call("SET", root .. COUNTS, ARGV[4]) end
return "done"
