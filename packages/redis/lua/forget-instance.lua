--[[
  forget-instance: make an instance one that was never heard of, at once for every reader and writer.

  What is large keeps lying under its old life, a number in its keys that META tells, and is deleted afterwards piece by piece:
  see RedisMessageStore.erase. What comes from now on goes under the next life.

  KEYS[1] prefix of the instance's keys; META and COUNTS are deleted, FORGOTTEN (list) is added to:
          life, generation, buckets of it and of the two before, first event time; separated by spaces
  Returns 1 if there was something to forget.
]]
local call, root = redis.call, KEYS[1]
local meta = call("HMGET", root .. META, "life", "head")
local fields = call("HLEN", root .. META)
if fields == 0 or (fields == 1 and meta[1]) then return 0 end
local life = meta[1] or ""
local generation, buckets, _, before, beforeThat, first = unpackHead(meta[2])
if generation then
  local parts = { life == "" and "-" or life, generation, buckets, before, beforeThat, first }
  call("RPUSH", root .. FORGOTTEN, table.concat(parts, " "))
end
call("DEL", root .. META, root .. COUNTS)
if generation or life ~= "" then
  call("HSET", root .. META, "life", (tonumber(string.match(life, "%d+")) or 0) + 1 .. ":")
end
return 1
