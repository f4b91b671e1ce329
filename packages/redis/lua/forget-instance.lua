--[[
  forget-instance: end an instance's epoch, at once for every reader and writer. Prepended to commit-import as well.

  What is large stays under the old epoch, a number in its keys, and is deleted afterwards piece by piece: see eraser.ts. What comes
  from now on goes under the next one. Deletes META, COUNTS, RETRACTED and PENDING, and adds to FORGOTTEN (list) what tells the keys of the old
  epoch: MessagePack of epoch, PERIODS, SUMMARY.

  KEYS[1] prefix of the instance's keys   ARGV[1] hash key of the next epoch   Returns 1 if there was something to forget.
]]
local call = redis.call

local function forget(root, hashKey)
  -- What an import had written before it was broken off has an epoch of its own.
  local unfinished = call("GET", root .. IMPORTING)
  if unfinished then
    call("RPUSH", root .. FORGOTTEN, unfinished)
    call("DEL", root .. IMPORTING)
  end
  local meta = call("HMGET", root .. META, "epoch", "periods", "summary")
  local epoch, fields = string.sub(meta[1] or "", 9), call("HLEN", root .. META)
  local isAny = unfinished or fields > 2 or fields > 0 and not meta[1]
  if meta[3] then call("RPUSH", root .. FORGOTTEN, cmsgpack.pack({ epoch, meta[2] or "", meta[3] })) end
  call("DEL", root .. META, root .. COUNTS, root .. RETRACTED, root .. PENDING)
  local number = (tonumber(string.match(epoch, "%d+")) or 0) + 1
  -- Also where there is nothing: what another process is about to store must not be.
  call("HSET", root .. META, "epoch", hashKey .. number .. ":", "head", LAYOUT)
  return isAny and 1 or 0
end
