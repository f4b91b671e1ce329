--[[
  register-instances: make instances known under their ids; known ones keep their names.

  KEYS[1] hash id -> name   KEYS[2] hash name -> id   KEYS[3] sorted set of names   ARGV ids
  Cost O(ids). Cluster: all keys share {registry}. Caller: RedisInstanceRegistry.register.
]]
for _, id in ipairs(ARGV) do
  if redis.call("HSETNX", KEYS[1], id, id) == 1 and redis.call("HSETNX", KEYS[2], id, id) == 1 then
    redis.call("ZADD", KEYS[3], 0, id)
  end
end
