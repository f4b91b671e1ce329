--[[
  remove-instance: unregister an instance; its name is free again, its tokens end.

  KEYS[1] hash id -> name            KEYS[2] hash name -> id
  KEYS[3] hash token digest -> id    KEYS[4] hash id -> its token digests, newest first, separated by spaces
  KEYS[5] sorted set of names        KEYS[6] sorted set: what was deleted, by when, Unix ms
  ARGV[1] the instance's id          Cost O(1). Cluster: all keys share {registry}.
]]
local call, id = redis.call, ARGV[1]
local name = call("HGET", KEYS[1], id)
if name and call("HGET", KEYS[2], name) == id then
  call("HDEL", KEYS[2], name)
  call("ZREM", KEYS[5], name)
end
call("HDEL", KEYS[1], id)
for digest in string.gmatch(call("HGET", KEYS[4], id) or "", "%S+") do call("HDEL", KEYS[3], digest) end
call("HDEL", KEYS[4], id)
local time = call("TIME")
call("ZADD", KEYS[6], time[1] * 1000 + math.floor(time[2] / 1000), id)
