--[[
  change-target: store or remove a target if it is as the caller knows it, and move the version. KEYS[1] see lanes.lua.
  ARGV[1] name   ARGV[2] what is stored now, "" for nothing   ARGV[3] what to store, "" to remove it   ARGV[4] targets at most
  ARGV[5] an id for our own requests, used if there is none yet
  The id of one that is removed is noted, so that what it has is deleted even if the caller dies.
  Returns "ok", "changed" if it is not as the caller knows it, or "full".
]]
local targets = KEYS[1] .. "targets"
if (redis.call("HGET", targets, ARGV[1]) or "") ~= ARGV[2] then return "changed" end
if ARGV[2] == "" and redis.call("HLEN", targets) >= tonumber(ARGV[4]) then return "full" end
if redis.call("EXISTS", KEYS[1] .. "own-id") == 0 then redis.call("SET", KEYS[1] .. "own-id", ARGV[5]) end
if ARGV[3] == "" then
  redis.call("HDEL", targets, ARGV[1])
  redis.call("SADD", KEYS[1] .. "removed", cjson.decode(ARGV[2]).id)
else
  redis.call("HSET", targets, ARGV[1], ARGV[3])
end
redis.call("INCR", KEYS[1] .. "version")
return "ok"
