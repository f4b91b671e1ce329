--[[
  register-instances: make instances known under their ids; known ones keep their names.

  KEYS[1] hash id -> name   KEYS[2] hash name -> id   ARGV ids
  Cost O(ids). Cluster: both keys share {registry}. Caller: RedisInstanceRegistry.register.
]]
for _, id in ipairs(ARGV) do
  if redis.call("HSETNX", KEYS[1], id, id) == 1 then redis.call("HSETNX", KEYS[2], id, id) end
end
