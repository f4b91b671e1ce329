--[[
  read-keys: some of an instance's keys, as they stand at one moment. Writes nothing.

  KEYS[1] prefix of the instance's keys, its life included   ARGV what follows it, one key each
  Returns for each { milliseconds to live as PTTL tells, what it holds }: of a hash field and value in turn, of a list its elements,
  of a string the one value; nothing where there is no such key. Cost O(what they hold).
]]
local call = redis.call
local held = {}
for i, name in ipairs(ARGV) do
  local key = KEYS[1] .. name
  local type, content = call("TYPE", key).ok, {}
  if type == "hash" then
    content = call("HGETALL", key)
  elseif type == "list" then
    content = call("LRANGE", key, 0, -1)
  elseif type == "string" then
    content = { call("GET", key) }
  end
  held[i] = { call("PTTL", key), content }
end
return held
