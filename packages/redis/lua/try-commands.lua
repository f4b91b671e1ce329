--[[
  try-commands: which of the commands that our scripts use are refused. What it writes is gone at its end.

  KEYS[1], KEYS[2] keys to try with   Returns the names of those that the user may not use, or that this server does not have.
]]
local key, other = KEYS[1], KEYS[2]
local tries = {
  { "TIME" }, { "TYPE", key }, { "EXISTS", key },
  { "SET", key, "1" }, { "GET", key }, { "APPEND", key, "1" }, { "GETRANGE", key, 0, 0 }, { "BITFIELD", key, "INCRBY", "u48", "#0", 1 }, { "COPY", key, other },
  { "EXPIRE", key, 60 }, { "EXPIREAT", key, 4000000000 }, { "PERSIST", key }, { "PTTL", key }, { "DEL", key, other },
  { "HSET", key, "f", "1" }, { "HSETNX", key, "f", "1" }, { "HGET", key, "f" }, { "HMGET", key, "f" }, { "HEXISTS", key, "f" },
  { "HGETALL", key }, { "HKEYS", key }, { "HLEN", key }, { "HINCRBY", key, "f", 1 }, { "HDEL", key, "f" },
  { "RPUSH", key, "1", "2" }, { "LLEN", key }, { "LRANGE", key, 0, 0 }, { "LREM", key, 1, "1" },
  { "LTRIM", key, 1, 0 },
  { "ZADD", key, 1, "m" }, { "ZCARD", key }, { "ZRANGEBYLEX", key, "-", "+" }, { "ZRANGE", key, 0, 0 }, { "ZINCRBY", key, 1, "m" }, { "ZSCORE", key, "m" }, { "ZREM", key, "m" },
  { "ZREMRANGEBYRANK", key, 0, 0 }, { "DEL", key },
  { "INCRBY", key, 1 }, { "DECRBY", key, 1 }, { "DEL", key },
  { "PFADD", key, "e" }, { "PFCOUNT", key }, { "DEL", key },
}
local refused, isListed = {}, {}
for _, command in ipairs(tries) do
  local reply, name = redis.pcall(unpack(command)), command[1]
  local refusal = type(reply) == "table" and reply.err or ""
  local isRefused = string.find(refusal, "can't run this command", 1, true) or string.find(refusal, "NOPERM", 1, true)
    or string.find(refusal, "Unknown Redis command", 1, true)
  if isRefused and not isListed[name] then
    refused[#refused + 1], isListed[name] = name, true
  end
end
return refused
