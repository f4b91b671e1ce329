--[[
  read-root: an instance's META, COUNTS and RETRACTED, as they stand at one moment: what changes whenever something is counted.

  KEYS[1] prefix of the instance's keys   Returns { META, field and value in turn; COUNTS; RETRACTED, "" for none }. Writes nothing.
]]
local call = redis.call
return { call("HGETALL", KEYS[1] .. META), call("GET", KEYS[1] .. COUNTS) or "", call("GET", KEYS[1] .. RETRACTED) or "" }
