--[[
  message-counts: the roll-ups of the instance at work, summed while events are applied, then written. Part of
  apply-batch, after message-record. Counters are a letter and a character for each word, see counter-codec.ts.
]]
-- All keys but META and COUNTS also carry the instance's life, see forget-instance.lua: base = root + life.
local root, base, counts, hours, days, chats

-- Changes are summed in tables and each hash is written once: a command costs far more than an addition.
local function count(field, by) counts[field] = (counts[field] or 0) + by end

local function countHour(hour, field, by)
  local key = floor(hour / HOURS_A_KEY)
  local fields = hours[key]
  if not fields then fields = {}; hours[key] = fields end
  field = char(48 + hour % HOURS_A_KEY) .. field
  fields[field] = (fields[field] or 0) + by
end

local function countLatency(stage, seconds)
  if seconds < 0 then seconds = 0 end
  local bucket = 0
  while LATENCY_BOUNDS[bucket + 1] and seconds > LATENCY_BOUNDS[bucket + 1] do bucket = bucket + 1 end
  count("l" .. stage .. char(48 + bucket), 1)
  count("l" .. stage .. "+", seconds)
end

-- The part that is the same for all of a message's life, but for what comes to be known of it.
local function countIdentity(counted, direction, by)
  local kind = char(48 + counted.type)
  if isAction(counted.type) then
    count("a" .. direction .. kind, by)
    return
  end
  local field = "n" .. direction .. counted.origin
  count(field, by)
  countHour(counted.hour, field, by)
  local day = floor(counted.hour / 24)
  days[day] = (days[day] or 0) + by
  count("t" .. direction .. kind, by)
  count("c" .. (counted.chat == "" and "_" or sub(counted.chat, 1, 1)), by)
  if counted.chat ~= "" then chats[counted.chat] = (chats[counted.chat] or 0) + by end
end

local function countReached(field, hour, by)
  count(field, by)
  countHour(hour, field, by)
end

local function countFailure(counted, by)
  countReached("r" .. counted.origin .. counted.status, counted.failed, by)
  countReached("f" .. counted.status .. counted.reason, counted.failed, by)
end

-- Add contribution(after) - contribution(before). Most events move one or two of a message's counts, so what is the same
-- on both sides is not spelled out at all.
local function moveCounts(before, after, direction)
  local isSame = before and before.type == after.type and before.origin == after.origin
  if not (isSame and before.chat == after.chat and before.hour == after.hour) then
    if before then countIdentity(before, direction, -1) end
    countIdentity(after, direction, 1)
  end
  if direction == "i" then return end
  -- Of an action nothing else is counted.
  local from, to = before and not isAction(before.type) and before, not isAction(after.type) and after
  if not (from and to and from.status == to.status) then
    if from then count("s" .. from.status, -1) end
    if to then count("s" .. to.status, 1) end
  end
  for rank = SENT, PLAYED do
    local was, is = from and from[rank], to and to[rank]
    if was ~= is or not isSame then
      if was then countReached("r" .. from.origin .. char(48 + rank), was, -1) end
      if is then countReached("r" .. to.origin .. char(48 + rank), is, 1) end
    end
  end
  if from and from.failed then countFailure(from, -1) end
  if to and to.failed then countFailure(to, 1) end
  if from and from.contradicted then count("x", -1) end
  if to and to.contradicted then count("x", 1) end
end

-- Add changes to a hash by one read and one write. Returns whether a field is new.
local function addTo(key, changes)
  local fields = {}
  for field, by in pairs(changes) do
    if by ~= 0 then fields[#fields + 1] = field end
  end
  if #fields == 0 then return false end
  local stored, isNew, args = call("HMGET", key, unpack(fields)), false, {}
  for i = 1, #fields do
    isNew = isNew or not stored[i]
    args[2 * i - 1] = fields[i]
    args[2 * i] = string.format("%.0f", (tonumber(stored[i]) or 0) + changes[fields[i]])
  end
  call("HSET", key, unpack(args))
  return isNew
end

local function saveCounts()
  addTo(root .. COUNTS, counts)
  for field, by in pairs(counts) do
    -- What Prometheus was shown must not shrink: the step back is kept beside, and added when it is shown.
    if by < 0 and find("ntrf", sub(field, 1, 1), 1, true) then call("HINCRBY", root .. COUNTS, "-" .. field, -by) end
  end
  for number, fields in pairs(hours) do
    local key = base .. HOURS .. number
    if addTo(key, fields) then call("EXPIRE", key, HOURS_KEPT_SECONDS) end
  end
  for day, by in pairs(days) do
    local key = base .. DAYS .. floor(day / DAYS_A_KEY)
    if by ~= 0 and call("HINCRBY", key, day, by) == by then call("EXPIRE", key, HOURS_KEPT_SECONDS) end
  end
end
