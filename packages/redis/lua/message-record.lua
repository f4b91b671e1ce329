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
-- at and received times at their slots in two tables (received only counts where at is set), failure and reason as
-- characters, chat (packed, "" if unknown), several (whether RECIPIENTS knows more of it).
local FORMATS = {}
local function format(slots, wide)
  local key = wide and slots + 16 or slots
  if not FORMATS[key] then FORMATS[key] = ">BBBBB" .. string.rep(wide and "I4I4" or "I4H", slots) end
  return FORMATS[key]
end
local MOMENT, MOMENT_WIDE = ">I4H", ">I4I4"
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

-- Making tables and throwing them away costs more than all else that is done to a message, so they are used again; and one
-- that grows field by field is laid out anew four times, so they are made with all their fields.
local function newRecord()
  return {
    state = 0, origin = 0, type = TYPE_UNKNOWN, mask = 0, contradicted = false, several = false,
    at = { [0] = false, false, false, false, false, false, false, false },
    received = { [0] = 0, 0, 0, 0, 0, 0, 0, 0 },
    failure = false, reason = false, chat = "",
  }
end

local function clear(record)
  local at, slots = record.at, slotsIn(record.mask)
  for i = 1, #slots do at[slots[i]] = false end
  record.state, record.origin, record.type, record.mask = 0, 0, TYPE_UNKNOWN, 0
  record.contradicted, record.several, record.failure, record.reason, record.chat = false, false, false, false, ""
end

-- Read a stored value into a record that was made or cleared.
local function decode(value, record)
  local state, origin, type, mask, flags = byte(value, 1, 5)
  local wide, slots, at, received = floor(flags / FLAG_WIDE) % 2 == 1, slotsIn(mask), record.at, record.received
  local moment, position, time, receipt = wide and MOMENT_WIDE or MOMENT, 6, nil, nil
  for i = 1, #slots do
    local slot = slots[i]
    time, receipt, position = unpackStruct(moment, value, position)
    at[slot], received[slot] = time, wide and receipt or time + receipt - RECEIPT_BIAS
  end
  if mask >= 128 then
    record.failure, record.reason = sub(value, position, position), sub(value, position + 1, position + 1)
    position = position + 2
  end
  record.state, record.origin, record.type, record.mask = state, origin, type, mask
  record.contradicted, record.several, record.chat = flags % 2 == 1, flags >= FLAG_SEVERAL, sub(value, position)
end

local fields = {}
local function encode(record)
  local slots, wide = slotsIn(record.mask), false
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
  local value = pack(format(#slots, wide), record.state, record.origin, record.type, record.mask, flags,
    unpack(fields, 1, 2 * #slots))
  return record.failure and value .. record.failure .. record.reason .. record.chat or value .. record.chat
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
local function newCounted()
  return {
    false, false, false, false, false, type = 0, origin = 0, chat = "", hour = 0, status = 0, failed = false,
    reason = false, contradicted = false,
  }
end

local function countedOf(record, direction, into)
  local times, state = record.at, record.state
  local reached, isOutgoing, hasFailed = (state - 1) % 6, direction == OUTGOING, state > 6
  for rank = SENT, PLAYED do into[rank] = isOutgoing and reachedHour(times, rank, reached) end
  into.type, into.origin, into.chat, into.hour = record.type, record.origin, record.chat, floor(ownTime(times) / 3600)
  into.status = hasFailed and 5 + floor((state - 1) / 6) or reached
  into.failed = hasFailed and floor(times[FAILED_AT] / 3600)
  into.reason, into.contradicted = record.reason, record.contradicted
  return into
end
