--[[
  name-instance: make an instance under a name, or give a known one another. A name is unique among names and ids, so that
  either finds one instance.

  KEYS[1] hash id -> name   KEYS[2] hash name -> id   KEYS[3] sorted set of names
  ARGV[1] "create" or "rename"   ARGV[2] the instance's id   ARGV[3] its name from now on

  Returns "done", or what stood in the way: "id_taken", "name_taken", "unknown". Cost O(1). Cluster: all keys share {registry}.
]]
local call = redis.call
local isNew, id, name = ARGV[1] == "create", ARGV[2], ARGV[3]
local before = call("HGET", KEYS[1], id)
if isNew and (before or call("HEXISTS", KEYS[2], id) == 1) then return "id_taken" end
if not isNew and not before then return "unknown" end

local owner = call("HGET", KEYS[2], name)
if owner and owner ~= id or name ~= id and call("HEXISTS", KEYS[1], name) == 1 then return "name_taken" end
if before then
  call("HDEL", KEYS[2], before)
  call("ZREM", KEYS[3], before)
end
call("HSET", KEYS[1], id, name)
call("HSET", KEYS[2], name, id)
call("ZADD", KEYS[3], 0, name)
return "done"
