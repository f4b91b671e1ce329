--[[
  remove-quarantined: take entries out of the quarantine.

  KEYS see quarantine.lua   ARGV their ids   Returns how many were there. Cost O(ids log entries).
]]
local removed = 0
for i = 1, #ARGV do removed = removed + drop(ARGV[i]) end
return removed
