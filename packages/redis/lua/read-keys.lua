--[[
  read-keys: some of an instance's keys, as they stand at one moment. Writes nothing.

  KEYS[1] prefix of the instance's keys, its epoch included   ARGV what follows it, one key each
  Returns for each { type, milliseconds to live as PTTL tells, what it holds }: of a hash field and value in turn, of a sorted set member
  and score, of a list its elements, of a string the one value; nothing where there is no such key. Cost O(what they hold).
]]
local READ = {
  hash = { "HGETALL" }, list = { "LRANGE", 0, -1 }, zset = { "ZRANGE", 0, -1, "WITHSCORES" }, string = { "GET" },
}
local call, held = redis.call, {}
for i, name in ipairs(ARGV) do
  local key = KEYS[1] .. name
  local type = call("TYPE", key).ok
  local command = READ[type]
  local content = command and call(command[1], key, unpack(command, 2)) or {}
  held[i] = { command and type or "hash", call("PTTL", key), type == "string" and { content } or content }
end
return held
