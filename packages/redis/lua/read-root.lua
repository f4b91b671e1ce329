--[[
  read-root: an instance's META and counters, as they stand at one moment: what changes whenever something is counted.

  KEYS[1] prefix of the instance's keys   Returns { META, field and value in turn; COUNTS, RETRACTED, PENDING, "" for none }. Writes
  nothing.
]]
local call, root = redis.call, KEYS[1]
return { call("HGETALL", root .. META), call("GET", root .. COUNTS) or "", call("GET", root .. RETRACTED) or "", call("GET", root .. PENDING) or "" }
