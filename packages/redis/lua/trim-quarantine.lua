--[[
  trim-quarantine: drop the oldest entries beyond a number. In one step: of two that trim at the same
  time, the second would else drop as many again.

  KEYS[1] the entries   KEYS[2] their order
  ARGV[1] how many may stay
  Returns how many went.
]]
local AT_ONCE = 1000
local removed = 0
local excess = redis.call("HLEN", KEYS[1]) - tonumber(ARGV[1])
while excess > 0 do
  local popped = redis.call("ZPOPMIN", KEYS[2], math.min(excess, AT_ONCE))
  if #popped == 0 then break end
  for at = 1, #popped, 2 do removed = removed + redis.call("HDEL", KEYS[1], popped[at]) end
  excess = excess - #popped / 2
end
return removed
