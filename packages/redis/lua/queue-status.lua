--[[
  queue-status: what waits in one BullMQ queue, and since when. Reads BullMQ's keys, writes nothing.

  KEYS[1] wait list, newest first   KEYS[2] active list   KEYS[3] delayed zset   KEYS[4] failed zset
  KEYS[5] prefix of job hashes, whose field `timestamp` is the receipt of the job's oldest webhook, Unix ms

  Returns { waiting, active, delayed, failed, oldest timestamp or "" }. Cost O(active + LOOKED_AT).
]]
local LOOKED_AT = 100
local call = redis.call
local oldest
local function look(ids)
  for _, id in ipairs(ids) do
    local timestamp = tonumber(call("HGET", KEYS[5] .. id, "timestamp") or "")
    if timestamp and (not oldest or timestamp < oldest) then oldest = timestamp end
  end
end
-- The oldest job is the last one, but jobs that come back after a crash are put behind it.
look(call("LRANGE", KEYS[1], -LOOKED_AT, -1))
look(call("LRANGE", KEYS[2], 0, -1))
look(call("ZRANGE", KEYS[3], 0, LOOKED_AT))
look(call("ZRANGE", KEYS[4], 0, LOOKED_AT))
return {
  call("LLEN", KEYS[1]),
  call("LLEN", KEYS[2]),
  call("ZCARD", KEYS[3]),
  call("ZCARD", KEYS[4]),
  oldest and string.format("%.0f", oldest) or "",
}
