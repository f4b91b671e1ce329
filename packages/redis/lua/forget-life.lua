--[[
  forget-life: end an instance's life, at once for every reader and writer. Prepended to the scripts that do.

  What is large keeps lying under its old life, a number in its keys that META tells, and is deleted afterwards piece by piece:
  see RedisMessageStore.erase. What comes from now on goes under the next life. Deletes META and COUNTS, and adds to FORGOTTEN
  (list): life, generation, buckets of it and of the two before, first event time; separated by spaces.
]]
local call = redis.call

-- Returns 1 if there was something to forget.
local function forgetLife(root)
  -- What an import had written before it was broken off has a life of its own.
  local unfinished = call("GET", root .. IMPORTING)
  if unfinished then
    call("RPUSH", root .. FORGOTTEN, unfinished)
    call("DEL", root .. IMPORTING)
  end
  local meta = call("HMGET", root .. META, "life", "head")
  local fields = call("HLEN", root .. META)
  if fields == 0 or (fields == 1 and meta[1]) then return unfinished and 1 or 0 end
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
end
