--[[
  message-record: how a message is kept, and what of it is counted. Part of apply-batch, before message-counts.

  A record is packed as: state, origin, type, mask (which slots are set), flags, a byte each; for each slot its time (4
  bytes) and its receipt (2 bytes of distance, or 4 if that is too far); if a failure was seen its word and reason as
  characters; the packed chat id, if known. record-codec.ts reads the same.
]]
-- Slots of a record's times: 0 observation, 1 to 6 progress by rank, 7 failure.
local FAILED_AT = 7
local INCOMING, OUTGOING = 0, 1
local SENT, DELIVERED, READ, PLAYED = 2, 3, 4, 5
local FLAG_CONTRADICTED, FLAG_WIDE, FLAG_SEVERAL = 1, 2, 4

local call = redis.call
local floor, char, byte, sub, find = math.floor, string.char, string.byte, string.sub, string.find
local pack, unpackStruct = struct.pack, struct.unpack
-- Records. One is a table while it is worked on: state, origin, type, mask (which slots are set) as numbers, contradicted,
-- at and received times at their slots in two tables, failure and reason as characters, chat (packed, "" if unknown),
-- several (whether RECIPIENTS knows more of it).
local FORMATS = {}
local function format(slots, wide)
  local key = wide and slots + 16 or slots
  if not FORMATS[key] then FORMATS[key] = ">BBBBB" .. string.rep(wide and "I4I4" or "I4H", slots) end
  return FORMATS[key]
end
-- A receipt is stored as its distance from the event where that fits 16 bits (9 hours either way), else whole.
local RECEIPT_BIAS = 32768

local BITS = { [0] = 1, 2, 4, 8, 16, 32, 64, 128 }
local SLOTS = {}
local function slotsIn(mask)
  local slots = SLOTS[mask]
  if not slots then
    slots = {}
    for slot = 0, 7 do
      if floor(mask / BITS[slot]) % 2 == 1 then slots[#slots + 1] = slot end
    end
    SLOTS[mask] = slots
  end
  return slots
end

-- Tables are made with all their fields at once: one that grows field by field is laid out anew four times.
local function noTimes() return { [0] = false, false, false, false, false, false, false, false } end

local function newRecord()
  return {
    state = 0, origin = 0, type = TYPE_UNKNOWN, mask = 0, contradicted = false, several = false,
    at = noTimes(), received = noTimes(), failure = false, reason = false, chat = "",
  }
end

local function decode(value)
  local state, origin, type, mask, flags = byte(value, 1, 5)
  local wide, slots, at, received = floor(flags / FLAG_WIDE) % 2 == 1, slotsIn(mask), noTimes(), noTimes()
  local fields = { unpackStruct(format(#slots, wide), value) }
  for i = 1, #slots do
    local time = fields[4 + 2 * i]
    at[slots[i]] = time
    received[slots[i]] = wide and fields[5 + 2 * i] or time + fields[5 + 2 * i] - RECEIPT_BIAS
  end
  local rest, failure, reason = fields[#fields], false, false
  if mask >= 128 then
    failure, reason = sub(value, rest, rest), sub(value, rest + 1, rest + 1)
    rest = rest + 2
  end
  return {
    state = state, origin = origin, type = type, mask = mask, contradicted = flags % 2 == 1,
    several = flags >= FLAG_SEVERAL, at = at, received = received, failure = failure, reason = reason,
    chat = sub(value, rest),
  }
end

local function encode(record)
  local slots, wide, fields = slotsIn(record.mask), false, {}
  local at, received = record.at, record.received
  for i = 1, #slots do
    local slot = slots[i]
    local distance = received[slot] - at[slot] + RECEIPT_BIAS
    if distance < 0 or distance > 65535 then wide = true end
    fields[2 * i - 1], fields[2 * i] = at[slot], distance
  end
  if wide then
    for i = 1, #slots do fields[2 * i] = received[slots[i]] end
  end
  local flags = (record.contradicted and FLAG_CONTRADICTED or 0) + (wide and FLAG_WIDE or 0)
    + (record.several and FLAG_SEVERAL or 0)
  local value = pack(format(#slots, wide), record.state, record.origin, record.type, record.mask, flags, unpack(fields))
  return value .. (record.failure and record.failure .. record.reason or "") .. record.chat
end

local function isAction(type) return type >= TYPE_ACTION and type < TYPE_UNKNOWN end

local function ownTime(times)
  local time
  for slot = 0, FAILED_AT do
    local at = times[slot]
    if at and (not time or at < time) then time = at end
  end
  return time
end

-- Whether a status changes nothing, because the same was told before: what a gateway repeats, and what we replay.
local function isRepeat(record, rank, origin, at, received, chat)
  if rank > (record.state - 1) % 6 or record.several or (chat ~= record.chat and chat ~= "") then return false end
  local told = record.at[rank + 1]
  return told and at >= told and received >= record.received[rank + 1] and origin == record.origin
end

-- Whether a status is but the next step of a message all of whose earlier steps stay as they are: so are most events by far.
local function isNextStep(record, rank, origin, at, chat)
  local reached = record.state - 1
  if reached > 5 or rank <= reached or record.failure or record.several or isAction(record.type) then return false end
  if origin ~= record.origin or (chat ~= record.chat and chat ~= "") then return false end
  local since = record.at[reached + 1] or (reached == 0 and record.at[0])
  return since and at >= since
end

-- The hour in which a rank was reached: as told, or of the earliest time of the reached ranks above it; false if it was not.
local function reachedHour(at, rank, reached)
  if rank > reached then return false end
  local time = at[rank + 1]
  if not time then
    for above = rank + 1, reached do
      local higher = at[above + 1]
      if higher and (not time or higher < time) then time = higher end
    end
  end
  return floor(time / 3600)
end

-- What of a record is counted: the words of core's contribution(record), before they are spelled out as counters.
-- At its ranks stand the hours in which they were reached.
local function countedOf(record, direction)
  local times, state = record.at, record.state
  local reached, isOutgoing, hasFailed = (state - 1) % 6, direction == OUTGOING, state > 6
  return {
    false,
    isOutgoing and reachedHour(times, SENT, reached),
    isOutgoing and reachedHour(times, DELIVERED, reached),
    isOutgoing and reachedHour(times, READ, reached),
    isOutgoing and reachedHour(times, PLAYED, reached),
    type = record.type, origin = record.origin, chat = record.chat, hour = floor(ownTime(times) / 3600),
    status = hasFailed and 5 + floor((state - 1) / 6) or reached,
    failed = hasFailed and floor(times[FAILED_AT] / 3600),
    reason = record.reason, contradicted = record.contradicted,
  }
end
