--[[
  step-lane: say what became of a lane's first entry, and get the next, after lanes.lua. Only the process that holds the lane's lease may:
  its fencing number is compared, so that one that was presumed dead and goes on cannot remove what another is sending.

  ARGV[1] target   ARGV[2] instance   ARGV[3] fencing number, "" to take a lease that is free   ARGV[4] milliseconds of the lease
  ARGV[5] what to do with the first entry: "" nothing, "sent", "dead" (to the dead letters), "gone" (neither)
  ARGV[6] how that entry begins, up to its line feed: another is not touched
  ARGV[7] the attempt as JSON, "" if none was made   ARGV[8] its status
  ARGV[9] of a dead letter what is known of it, JSON   ARGV[10] "1" to keep its entry   ARGV[11] dead letters that a target may have
  ARGV[12] "go" for the next entry and to count an attempt for it, "look" for the next entry, "end" to give the lease back
  Returns {"busy"} (another holds it), {"lost"}, {"end"}, {"empty"} (the lease is given back), or {"entry", fencing number, attempts, entry}.
  Cost O(entry), but O(dead letters beyond their limit, 100 at most).
]]
local target, instance, fence, action = ARGV[1], ARGV[2], ARGV[3], ARGV[5]
local lane, lease, stats = key("lane", target, instance), key("lease", target, instance), key("stats", target)
local holder = call("GET", lease)
if fence == "" then
  if holder then return { "busy" } end
  fence = string.format("%d", call("INCR", root .. "fence"))
elseif holder ~= fence then
  return { "lost" }
end

local function removeFirst()
  local entry = call("LPOP", lane)
  call("HDEL", key("tries", target), instance)
  call("HINCRBY", stats, "depth", -1)
  local following = call("LINDEX", lane, 0)
  if following then
    call("ZADD", key("lanes", target), receiptOf(following), instance)
    call("HINCRBY", key("lane-bytes", target), instance, -#entry)
  else
    call("ZREM", key("lanes", target), instance)
    call("HDEL", key("lane-bytes", target), instance)
  end
  return entry
end

if ARGV[7] ~= "" then
  call("LPUSH", key("attempts", target), ARGV[7])
  call("LTRIM", key("attempts", target), 0, 99)
  call("HSET", stats, "lastStatus", ARGV[8], "lastAttemptAtMs", nowMs())
end
if action ~= "" then
  local first = call("LINDEX", lane, 0)
  if first and string.sub(first, 1, #ARGV[6]) == ARGV[6] then
    local entry = removeFirst()
    if action == "dead" then
      local id = call("INCR", root .. "dead-ids")
      call("ZADD", key("dead", target), nowMs(), id)
      call("HSET", key("dead-heads", target), id, ARGV[9])
      call("HINCRBY", stats, "dead", 1)
      if ARGV[10] == "1" then
        call("HSET", key("dead-bodies", target), id, entry)
      else
        call("DECRBY", root .. "bytes", #entry)
      end
      local surplus = math.min(100, call("ZCARD", key("dead", target)) - tonumber(ARGV[11]))
      if surplus > 0 then
        for _, old in ipairs(call("ZRANGE", key("dead", target), 0, surplus - 1)) do removeDead(target, old) end
      end
    else
      call("DECRBY", root .. "bytes", #entry)
      if action == "sent" then
        call("HINCRBY", stats, "delivered", 1)
        call("HSET", stats, "lastSuccessAtMs", nowMs())
      end
    end
  end
end

local entry = ARGV[12] ~= "end" and call("LINDEX", lane, 0)
if not entry then
  call("DEL", lease)
  return { ARGV[12] == "end" and "end" or "empty" }
end
call("SET", lease, fence, "PX", ARGV[4])
local tries = ARGV[12] == "go" and call("HINCRBY", key("tries", target), instance, 1) or 0
return { "entry", fence, tries, entry }
