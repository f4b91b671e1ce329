--[[
  lanes: what the scripts on lanes share. A lane holds what waits for one target from one instance, oldest first.

  Keys begin with KEYS[1] (all have one hash tag), <t> is a target's id, <i> an instance:
    version            string   moves with every change of a target
    bytes              string   bytes of all entries and dead letters
    lane:<t>:<i>       list     entries, `<receivedAtMs> <webhookId> <type>\n` and ciphertext
    lanes:<t>          zset     instances whose lanes hold something, by the receipt of their oldest entry, Unix ms
    lane-bytes:<t>     hash     instance -> bytes of its lane
    tries:<t>          hash     instance -> attempts for the first entry of its lane
    stats:<t>          hash     depth, delivered, dropped, refused, dead, lastStatus, lastAttemptAtMs, lastSuccessAtMs
    attempts:<t>       list     the last attempts as JSON, newest first
    lease:<t>:<i>      string   fencing number of the process that works on the lane
    dead:<t>           zset     ids of dead letters by when they were given up, Unix ms
    dead-heads:<t>     hash     id -> what is known of it, JSON
    dead-bodies:<t>    hash     id -> its entry, for a day
]]
local root, call = KEYS[1], redis.call
local function key(what, target, instance)
  if instance then return root .. what .. ":" .. target .. ":" .. instance end
  return root .. what .. ":" .. target
end
local function nowMs()
  local time = call("TIME")
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function receiptOf(entry) return string.match(entry, "^%d+") or "0" end
local function append(target, instance, entry)
  local length = call("RPUSH", key("lane", target, instance), entry)
  if length == 1 then call("ZADD", key("lanes", target), receiptOf(entry), instance) end
  call("HINCRBY", key("lane-bytes", target), instance, #entry)
  call("HINCRBY", key("stats", target), "depth", 1)
  call("INCRBY", root .. "bytes", #entry)
  return length
end
local function removeDead(target, id)
  local body = call("HGET", key("dead-bodies", target), id)
  if body then call("DECRBY", root .. "bytes", #body) end
  call("HDEL", key("dead-bodies", target), id)
  call("HDEL", key("dead-heads", target), id)
  return call("ZREM", key("dead", target), id)
end
