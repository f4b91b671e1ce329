--[[
  quarantine: where its entries lie, and how one goes. Prepended to the scripts that change them.

  KEYS[1] hash: id -> entry                  KEYS[2] sorted set: id by receipt, Unix ms
  KEYS[3] hash: id -> bytes, reason, instance ("" for none), separated by a space
  KEYS[4] sorted set: instance by its bytes  KEYS[5] string: bytes of all
  KEYS[6] prefix: + instance -> as KEYS[2], of that instance alone
  Cluster: all keys share {registry}.
]]
local call = redis.call
local ENTRIES, ORDER, TAGS, SHARES, BYTES, OWN = unpack(KEYS)

-- Returns 1 if it was there. Entries that a version before 0.2 put have no tag.
local function drop(id)
  local tag = call("HGET", TAGS, id)
  if tag then
    local bytes, instance = string.match(tag, "^(%d+) %S+ (.*)$")
    call("HDEL", TAGS, id)
    call("ZREM", OWN .. instance, id)
    if tonumber(call("ZINCRBY", SHARES, "-" .. bytes, instance)) <= 0 then call("ZREM", SHARES, instance) end
    call("DECRBY", BYTES, bytes)
  end
  call("ZREM", ORDER, id)
  return call("HDEL", ENTRIES, id)
end
