--[[
  hold-lease: take a lease that is free, or prolong one's own.

  KEYS[1] the lease: its holder, expires by itself
  ARGV[1] who asks   ARGV[2] milliseconds to hold it for; 0 gives it back
  Returns 1 if the caller holds it now (or has given it back), 0 if another does.
]]
local holder = redis.call("GET", KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if ARGV[2] == "0" then
  redis.call("DEL", KEYS[1])
else
  redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
end
return 1
