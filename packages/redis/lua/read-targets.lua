--[[
  read-targets: all targets at one moment. KEYS[1] what keys of forwarding begin with; see lanes.lua.
  Returns the version, this Redis's clock in Unix ms, the id that our own requests carry (or ""), then names and targets (JSON) in turn.
]]
local time = redis.call("TIME")
local answer = {
  redis.call("GET", KEYS[1] .. "version") or "0",
  string.format("%d", time[1] * 1000 + math.floor(time[2] / 1000)),
  redis.call("GET", KEYS[1] .. "own-id") or "",
}
for _, field in ipairs(redis.call("HGETALL", KEYS[1] .. "targets")) do answer[#answer + 1] = field end
return answer
