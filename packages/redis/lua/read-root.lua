--[[
  read-root: an instance's META and COUNTS, as they stand at one moment: what changes whenever something is counted.

  KEYS[1] prefix of the instance's keys   Returns { META, field and value in turn; COUNTS, "" if there is none }. Writes nothing.
]]
return { redis.call("HGETALL", KEYS[1] .. META), redis.call("GET", KEYS[1] .. COUNTS) or "" }
