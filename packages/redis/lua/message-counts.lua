--[[
  message-counts: the roll-ups of the instance at work, summed while events are applied, then written. Part of
  apply-batch, after message-record. A counter is a slot, a number; the SLOT_ constants tell where each kind begins, see
  counter-codec.ts.
]]
-- All keys but META and COUNTS also carry the instance's life, see forget-instance.lua: base = root + life.
local root, base

-- Changes are summed and written at the end: a command costs far more than an addition. The tables are made once a call and
-- emptied for each instance, because a table that grows costs more than all else that is done to it.
local function newTally() return { sums = {}, keys = {}, count = 0 } end

local function add(tally, key, by)
  local sums = tally.sums
  local sum = sums[key]
  if sum then
    sums[key] = sum + by
    return
  end
  local n = tally.count + 1
  tally.count, tally.keys[n], sums[key] = n, key, by
end

-- Call back with each sum that is not 0, and empty the tally.
local function drain(tally, take)
  local sums, keys = tally.sums, tally.keys
  for i = 1, tally.count do
    local key = keys[i]
    local sum = sums[key]
    sums[key] = false
    if sum ~= 0 then take(key, sum) end
  end
  tally.count = 0
end

local hours, days, chats = newTally(), newTally(), newTally()

-- Totals are moved most of all, some nine times an event: a tally of their own, without a call for each. TOTALS is `false`
-- for each slot, made at its full length.
local totals, movedSlots, movedCount = TOTALS, {}, 0
local function count(slot, by)
  local sum = totals[slot]
  if sum then
    totals[slot] = sum + by
    return
  end
  movedCount = movedCount + 1
  movedSlots[movedCount], totals[slot] = slot, by
end

-- Count what is kept per hour as well as in total.
local SLOTS_MAX = 512
local function countAt(slot, hour, by)
  count(slot, by)
  add(hours, hour * SLOTS_MAX + slot, by)
end

local function countLatency(stage, seconds)
  if seconds < 0 then seconds = 0 end
  local bucket = 0
  while LATENCY_BOUNDS[bucket + 1] and seconds > LATENCY_BOUNDS[bucket + 1] do bucket = bucket + 1 end
  local slot = SLOT_LATENCY + stage * STRIDE_LATENCY
  count(slot + bucket, 1)
  count(slot + LATENCY_SUM, seconds)
end

-- The part that is the same for all of a message's life, but for what comes to be known of it.
local function countIdentity(counted, direction, by)
  count(SLOT_TYPE + direction * STRIDE_TYPE + byte(TYPE_SLOTS, counted.type + 1) - 48, by)
  if isAction(counted.type) then return end
  countAt(SLOT_MESSAGES + direction * STRIDE_MESSAGES + counted.origin, counted.hour, by)
  local day, chat = floor(counted.hour / 24), counted.chat
  add(days, day, by)
  if chat == "" then
    count(SLOT_CHAT_UNKNOWN, by)
  else
    count(SLOT_CHAT + byte(chat) - 48, by)
    -- One byte is a chat that was forgotten: it is none of the unique ones.
    if #chat > 1 then add(chats, chat, by) end
  end
end

local function countFailure(counted, by)
  countAt(SLOT_REACHED + counted.origin * STRIDE_REACHED + counted.status, counted.failed, by)
  countAt(SLOT_FAILURE + (counted.status - 6) * STRIDE_FAILURE + byte(counted.reason) - 48, counted.failed, by)
end

-- Add contribution(after) - contribution(before). Most events move one or two of a message's counts, so what is the same
-- on both sides is not spelled out at all.
local function moveCounts(before, after, direction)
  local isSame = before and before.type == after.type and before.origin == after.origin
  if not (isSame and before.chat == after.chat and before.hour == after.hour) then
    if before then countIdentity(before, direction, -1) end
    countIdentity(after, direction, 1)
  end
  if direction == INCOMING then return end
  -- Of an action nothing else is counted.
  local from, to = before and not isAction(before.type) and before, not isAction(after.type) and after
  if not (from and to and from.status == to.status) then
    if from then count(SLOT_STATUS + from.status, -1) end
    if to then count(SLOT_STATUS + to.status, 1) end
  end
  for rank = SENT, PLAYED do
    local was, is = from and from[rank], to and to[rank]
    if was ~= is or not isSame then
      if was then countAt(SLOT_REACHED + from.origin * STRIDE_REACHED + rank, was, -1) end
      if is then countAt(SLOT_REACHED + to.origin * STRIDE_REACHED + rank, is, 1) end
    end
  end
  if from and from.failed then countFailure(from, -1) end
  if to and to.failed then countFailure(to, 1) end
  if from and from.contradicted then count(SLOT_CONTRADICTIONS, -1) end
  if to and to.contradicted then count(SLOT_CONTRADICTIONS, 1) end
end

-- Numbers as text, made once a call: Lua and Redis both take half a microsecond to print one.
local TEXTS = { [0] = "0", [-1] = "-1", "1", "2", "3", "4", "5", "6", "7", "8" }
local function text(number)
  local known = TEXTS[number]
  if not known then
    known = string.format("%.0f", number)
    TEXTS[number] = known
  end
  return known
end

-- Of the set of unique chats. It only grows, and after a loss of data it is not one that was there before.
local function nextVersion(known, now) return math.max(now, (tonumber(known) or 0) + 1) end

-- COUNTS is a string of numbers of SLOT_BITS each: one command moves as many of them as there are, and reads none. The
-- table of its arguments is used again, so the first two of four are most often there.
local bitfield, bitfieldMade = {}, 0
local function moveSlot(n, slot, by)
  if n == bitfieldMade then
    bitfield[n + 1], bitfield[n + 2] = "INCRBY", SLOT_BITS
    bitfieldMade = n + 4
  end
  bitfield[n + 3], bitfield[n + 4] = OFFSETS[slot] or "#" .. text(slot), TEXTS[by] or text(by)
  return n + 4
end

local function saveTotals()
  local n = 0
  for i = 1, movedCount do
    local slot = movedSlots[i]
    local by = totals[slot]
    totals[slot] = false
    if by ~= 0 then
      n = moveSlot(n, slot, by)
      -- What Prometheus was shown must not shrink: the step back is kept beside, and added when it is shown.
      if by < 0 and byte(GROWING, slot + 1) == 49 then n = moveSlot(n, SLOT_RETRACTED + slot, -by) end
    end
  end
  movedCount = 0
  -- A call takes no more than some thousand arguments.
  for from = 1, n, 4000 do call("BITFIELD", root .. COUNTS, unpack(bitfield, from, math.min(from + 3999, n))) end
end

-- A field of an hours hash: the hour's place in it, then the slot as two digits of 64. Made once a call, like the key's end:
-- most instances count the same in the same hours.
local hourFields, hourKeys = {}, {}
local function saveHour(id, by)
  local field = hourFields[id]
  if not field then
    local hour, slot = floor(id / SLOTS_MAX), id % SLOTS_MAX
    field = char(48 + hour % HOURS_A_KEY, 48 + floor(slot / 64), 48 + slot % 64)
    hourFields[id], hourKeys[id] = field, HOURS .. text(floor(hour / HOURS_A_KEY))
  end
  local key = base .. hourKeys[id]
  if call("HINCRBY", key, field, text(by)) == by then call("EXPIRE", key, HOURS_KEPT_SECONDS) end
end

local function saveDay(day, by)
  local key = base .. DAYS .. text(floor(day / DAYS_A_KEY))
  if call("HINCRBY", key, text(day), text(by)) == by then call("EXPIRE", key, HOURS_KEPT_SECONDS) end
end

local function saveCounts()
  saveTotals()
  drain(hours, saveHour)
  drain(days, saveDay)
end
