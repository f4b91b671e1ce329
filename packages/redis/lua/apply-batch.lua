--[[
  apply-batch: apply one instance's events to its message records and roll-ups. All or nothing; the only writer of these keys.

  KEYS[1] meta hash          generation, bucket counts, settings, edge times, gateway state; the fields are in keys.ts
  KEYS[2] counts hash        counter field -> integer >= 0; the fields are in counter-codec.ts
  KEYS[3] messages prefix    + generation ":" bucket -> hash of packed records
  KEYS[4] descriptions prefix + generation -> hash: record field -> the gateway's own words on a failure
  KEYS[5] hours prefix       + hour / HOURS_A_KEY -> hash: hour % HOURS_A_KEY as one character, counter field -> integer
  KEYS[6] days prefix        + day / DAYS_A_KEY -> hash: day -> messages of that day by their own time
  KEYS[7] chats prefix       + first byte -> set of packed chat ids; past UNIQUE_EXACT_MAX a HyperLogLog at the same + "~"

  ARGV[1] now, Unix ms; only decides generations      ARGV[2] generation length, ms > 0
  ARGV[3] last receipt, Unix s, 0 for none            ARGV[4] gateway state, "" for none      ARGV[5] its time, Unix s
  ARGV[6] message events, packed one after the other as EVENT below; "" for none

  Above this text stand the constants that core and keys.ts hand over: RULES (the transition table, two characters a cell:
  next state, outcome) and the others in capitals.

  Returns { one outcome character per message event, the outcome character of the state or "" }.
  Cost O(events). Cluster: all keys share the instance's {tag}. Caller: RedisMessageStore.apply.
]]
local EVENT = ">BBBBI4I4Hc0Hc0Hc0"
-- Codes of event kinds: statuses are 0 to 9 as in core's MESSAGE_STATUSES, then the two observations.
local OUTGOING_OBSERVATION, INCOMING_OBSERVATION = 10, 11
-- Slots of a record's times: 0 observation, 1 to 6 progress by rank, 7 failure.
local SLOT_FAILURE = 7
local SENT, DELIVERED, READ, PLAYED = 2, 3, 4, 5
local FLAG_CONTRADICTED, FLAG_WIDE = 1, 2

local call = redis.call
local metaKey, countsKey, messagesKey, descriptionsKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local floor, char, byte, sub = math.floor, string.char, string.byte, string.sub
local pack, unpackStruct = struct.pack, struct.unpack

-- Phase 1: what is known of the instance.
local generation = floor(tonumber(ARGV[1]) / tonumber(ARGV[2]))
local function readMeta(g)
  return call("HMGET", metaKey, "generation", "ignoreGroups", "first", "last", "heard", "state", "stateAt", "approximate",
    "b" .. g, "n" .. g, "b" .. g - 1, "b" .. g - 2)
end
local meta = readMeta(generation)
-- Never back: a worker whose clock is behind must still find what another has written.
local known = tonumber(meta[1] or generation)
if known > generation then
  generation = known
  meta = readMeta(generation)
end
local ignoreGroups = meta[2] == "1"
local first, last, heard = tonumber(meta[3]) or math.huge, tonumber(meta[4] or 0), tonumber(meta[5] or 0)
local approximate = meta[8] or ""
local metaChanges = {}
local function setMeta(field, value)
  metaChanges[#metaChanges + 1] = field
  metaChanges[#metaChanges + 1] = value
end

-- Phase 2: changes are summed in tables and each field is written once: a command costs more than an addition.
local counts, hours, days = {}, {}, {}
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

-- Buckets of the current and the two generations before; 0 for one without records.
local bucketCounts = {
  [generation] = tonumber(meta[9] or 0),
  [generation - 1] = tonumber(meta[11] or 0),
  [generation - 2] = tonumber(meta[12] or 0),
}
local recordCount = tonumber(meta[10] or 0)
-- From now, not a date: the caller's clock may differ from that of Redis.
local generationLivesMs = (generation + 3) * tonumber(ARGV[2]) - tonumber(ARGV[1])
local descriptionsTouched = false

local function bucketKey(g, bucket) return messagesKey .. g .. ":" .. bucket end

-- Split the next bucket of the current generation in two, see record-buckets.lua.
local function growBuckets()
  local n = bucketCounts[generation]
  local source = bucketKey(generation, n - largestPowerOf2(n))
  local fields = call("HGETALL", source)
  local moved, gone = {}, {}
  for i = 1, #fields, 2 do
    if bucketOf(fields[i], n + 1) == n then
      moved[#moved + 1] = fields[i]
      moved[#moved + 1] = fields[i + 1]
      gone[#gone + 1] = fields[i]
    end
  end
  if #gone > 0 then
    local target = bucketKey(generation, n)
    call("HSET", target, unpack(moved))
    call("PEXPIRE", target, generationLivesMs)
    call("HDEL", source, unpack(gone))
  end
  bucketCounts[generation] = n + 1
end

-- The stored value of a field, and the generation that holds it.
local function findRecord(field)
  for g = generation, generation - 2, -1 do
    if bucketCounts[g] > 0 then
      local key = bucketKey(g, bucketOf(field, bucketCounts[g]))
      local value = call("HGET", key, field)
      if value then return value, g, key end
    end
  end
end

local function saveRecord(field, value, foundIn, foundKey)
  if foundIn == generation then
    call("HSET", foundKey, field, value)
    return
  end
  if foundIn then
    -- Touched: it moves into the current generation, and so lives on.
    call("HDEL", foundKey, field)
    local description = call("HGET", descriptionsKey .. foundIn, field)
    if description then
      call("HDEL", descriptionsKey .. foundIn, field)
      call("HSET", descriptionsKey .. generation, field, description)
      descriptionsTouched = true
    end
  end
  if bucketCounts[generation] == 0 then bucketCounts[generation] = 1 end
  local key = bucketKey(generation, bucketOf(field, bucketCounts[generation]))
  call("HSET", key, field, value)
  call("PEXPIRE", key, generationLivesMs)
  recordCount = recordCount + 1
  if recordCount > BUCKET_LOAD * bucketCounts[generation] then growBuckets() end
end

-- Phase 3: records. One is a table while it is worked on:
-- state, origin, type, flags (numbers), at/received by slot, failure and reason characters, chat (packed, "" if unknown).
local FORMATS = {}
local function format(slots, wide)
  local key = wide and slots + 16 or slots
  if not FORMATS[key] then FORMATS[key] = ">BBBBB" .. string.rep(wide and "I4I4" or "I4H", slots) end
  return FORMATS[key]
end
-- A receipt is stored as its distance from the event where that fits 16 bits (9 hours either way), else whole.
local RECEIPT_BIAS = 32768

local BITS = { [0] = 1, 2, 4, 8, 16, 32, 64, 128 }
local SLOT_COUNT = {}
local function slotsIn(mask)
  local slots = SLOT_COUNT[mask]
  if not slots then
    slots = {}
    for slot = 0, 7 do
      if floor(mask / BITS[slot]) % 2 == 1 then slots[#slots + 1] = slot end
    end
    SLOT_COUNT[mask] = slots
  end
  return slots
end

local function decode(value)
  local record = { at = {}, received = {}, state = byte(value, 1), origin = byte(value, 2), type = byte(value, 3) }
  local mask, flags = byte(value, 4), byte(value, 5)
  local wide = flags >= FLAG_WIDE
  record.mask, record.contradicted = mask, flags % 2 == 1
  local slots = slotsIn(mask)
  local fields = { unpackStruct(format(#slots, wide), value) }
  for i = 1, #slots do
    local at, received = fields[4 + 2 * i], fields[5 + 2 * i]
    record.at[slots[i]] = at
    record.received[slots[i]] = wide and received or at + received - RECEIPT_BIAS
  end
  local rest = fields[#fields]
  if record.at[SLOT_FAILURE] then
    record.failure, record.reason = sub(value, rest, rest), sub(value, rest + 1, rest + 1)
    rest = rest + 2
  end
  record.chat = sub(value, rest)
  return record
end

local function encode(record)
  local slots, wide, fields = slotsIn(record.mask), false, {}
  for i = 1, #slots do
    local distance = record.received[slots[i]] - record.at[slots[i]] + RECEIPT_BIAS
    if distance < 0 or distance > 65535 then wide = true end
  end
  for i = 1, #slots do
    local at, received = record.at[slots[i]], record.received[slots[i]]
    fields[2 * i - 1], fields[2 * i] = at, wide and received or received - at + RECEIPT_BIAS
  end
  local flags = (record.contradicted and FLAG_CONTRADICTED or 0) + (wide and FLAG_WIDE or 0)
  local value = pack(format(#slots, wide), record.state, record.origin, record.type, record.mask, flags, unpack(fields))
  if record.failure then value = value .. record.failure .. record.reason end
  return value .. record.chat
end

local function isAction(type) return type >= TYPE_ACTION and type < TYPE_UNKNOWN end

local function ownTime(record)
  local time
  for _, at in pairs(record.at) do
    if not time or at < time then time = at end
  end
  return time
end

local function reachedRank(record) return (record.state - 1) % 6 end
-- The failure that is the record's status, as its code in core's FAILURES; nil if none is.
local function currentFailure(record)
  if record.state > 6 then return floor((record.state - 1) / 6) - 1 end
end

-- The hour in which a rank was reached: as told, or of the earliest time of the reached ranks above it; false if it was not.
local function reachedHour(record, rank, reached)
  if rank > reached then return false end
  local time = record.at[rank + 1]
  if not time then
    for above = rank + 1, reached do
      local at = record.at[above + 1]
      if at and (not time or at < time) then time = at end
    end
  end
  return floor(time / 3600)
end

-- What of a record is counted: the words of core's contribution(record), before they are spelled out as counters.
local function countedOf(record, direction, counted)
  counted.type = record.type
  counted.origin = char(48 + record.origin)
  counted.chat = record.chat == "" and "_" or sub(record.chat, 1, 1)
  counted.hour = floor(ownTime(record) / 3600)
  if direction == "i" then return end
  local failure, reached = currentFailure(record), reachedRank(record)
  counted.status = char(48 + (failure and 6 + failure or reached))
  for rank = SENT, PLAYED do counted[rank] = reachedHour(record, rank, reached) end
  counted.failed = failure and floor(record.at[SLOT_FAILURE] / 3600)
  counted.reason = record.reason
  counted.contradicted = record.contradicted
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
  count("c" .. counted.chat, by)
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

-- core's preferredChatId on packed ids: their first byte orders the servers, the rest compares as the text does.
local function preferredChat(a, b)
  if a == "" then return b end
  if b == "" or a == b then return a end
  local shorter = math.min(#a, #b)
  for i = 1, shorter do
    local left, right = byte(a, i), byte(b, i)
    if left ~= right then return left < right and a or b end
  end
  return #a < #b and a or b
end

local function addChat(chat)
  local server = sub(chat, 1, 1)
  local key = KEYS[7] .. server
  if string.find(approximate, server, 1, true) then
    call("PFADD", key .. "~", chat)
  elseif call("SADD", key, chat) == 1 and call("SCARD", key) > UNIQUE_EXACT_MAX then
    local members = call("SMEMBERS", key)
    for from = 1, #members, 500 do call("PFADD", key .. "~", unpack(members, from, math.min(from + 499, #members))) end
    call("DEL", key)
    approximate = approximate .. server
    setMeta("approximate", approximate)
  end
end

-- Phase 4: apply the events, in order.
local outcomes = {}
local countedBefore, countedAfter = {}, {}
local events, position = ARGV[6], 1
while position <= #events do
  local kind, origin, type, reason, at, received, field, chat, text
  kind, origin, type, reason, at, received, field, chat, text, position = unpackStruct(EVENT, events, position)
  local isStatus = kind < OUTGOING_OBSERVATION
  local direction = kind == INCOMING_OBSERVATION and "i" or "o"
  local outcome
  if ignoreGroups and chat ~= "" and string.find(CHATS_OF_GROUPS, sub(chat, 1, 1), 1, true) then
    outcome = OUTCOME_IGNORED
  else
    local value, foundIn, foundKey = findRecord(field)
    local record = value and decode(value)
      or { at = {}, received = {}, state = 0, origin = 0, type = TYPE_UNKNOWN, mask = 0, contradicted = false, chat = "" }
    local before = value and countedBefore
    if before then countedOf(record, direction, before) end

    local isChatCounted = value and not isAction(record.type) and record.chat == chat
    local cell = (record.state * 10 + (isStatus and kind or 0)) * 2
    record.state = byte(RULES, cell + 1) - 48
    outcome = sub(RULES, cell + 2, cell + 2)
    if outcome == OUTCOME_CONTRADICTION then record.contradicted = true end
    if not isStatus and type < record.type then record.type = type end
    if origin == ORIGIN_API or record.origin == 0 then record.origin = origin end
    record.chat = preferredChat(record.chat, chat)

    local slot = not isStatus and 0 or (kind < 6 and kind + 1 or SLOT_FAILURE)
    local failure = slot == SLOT_FAILURE and char(48 + kind)
    if not record.at[slot] then
      record.at[slot], record.received[slot] = at, received
      record.mask = record.mask + BITS[slot]
      if failure then
        record.failure, record.reason = failure, char(48 + reason)
        if text ~= "" then
          call("HSET", descriptionsKey .. generation, field, text)
          descriptionsTouched = true
        end
      end
      countLatency("2", received - at)
      if record.at[3] and record.at[4] and (slot == 3 or slot == 4) then countLatency("0", record.at[4] - record.at[3]) end
      if record.at[4] and record.at[5] and (slot == 4 or slot == 5) then countLatency("1", record.at[5] - record.at[4]) end
    elseif not failure or failure == record.failure then
      -- Of a repeated status the earliest times stand; of a second failure nothing does.
      if at < record.at[slot] then record.at[slot] = at end
      if received < record.received[slot] then record.received[slot] = received end
    end

    countedOf(record, direction, countedAfter)
    moveCounts(before, countedAfter, direction)
    saveRecord(field, encode(record), foundIn, foundKey)

    if not isAction(record.type) then
      if chat ~= "" and not isChatCounted then addChat(chat) end
      local own = ownTime(record)
      if own < first then first = own end
      if (not before or not isStatus) and at > last then last = at end
    end
  end
  outcomes[#outcomes + 1] = outcome
  if isStatus then count("o" .. outcome, 1) end
end

-- Phase 5: write what was summed: a read and a write a hash, however many fields.
local function addTo(key, changes)
  local fields = {}
  for field, by in pairs(changes) do
    if by ~= 0 then fields[#fields + 1] = field end
  end
  if #fields == 0 then return false end
  local stored, isNew = call("HMGET", key, unpack(fields)), false
  local args = {}
  for i = 1, #fields do
    isNew = isNew or not stored[i]
    args[2 * i - 1] = fields[i]
    args[2 * i] = string.format("%.0f", (tonumber(stored[i]) or 0) + changes[fields[i]])
  end
  call("HSET", key, unpack(args))
  return isNew
end

addTo(countsKey, counts)
for field, by in pairs(counts) do
  -- What Prometheus was shown must not shrink: the step back is kept beside, and added when it is shown.
  if by < 0 and string.find("ntrf", sub(field, 1, 1), 1, true) then call("HINCRBY", countsKey, "-" .. field, -by) end
end
for key, fields in pairs(hours) do
  if addTo(KEYS[5] .. key, fields) then call("EXPIRE", KEYS[5] .. key, HOURS_KEPT_SECONDS) end
end
for day, by in pairs(days) do
  local key = KEYS[6] .. floor(day / DAYS_A_KEY)
  if by ~= 0 and call("HINCRBY", key, day, by) == by then call("EXPIRE", key, HOURS_KEPT_SECONDS) end
end
if descriptionsTouched then call("PEXPIRE", descriptionsKey .. generation, generationLivesMs) end

local stateOutcome = ""
if ARGV[4] ~= "" then
  local at, stateAt = tonumber(ARGV[5]), tonumber(meta[7] or -1)
  if at < stateAt then
    stateOutcome = OUTCOME_LATE
  else
    stateOutcome = stateAt < 0 and OUTCOME_CREATED or (at == stateAt and ARGV[4] == meta[6]) and OUTCOME_DUPLICATE or OUTCOME_ADVANCED
    setMeta("state", ARGV[4])
    setMeta("stateAt", ARGV[5])
  end
end
if events ~= "" then
  if generation ~= tonumber(meta[1]) then setMeta("generation", generation) end
  if bucketCounts[generation] ~= tonumber(meta[9] or 0) then setMeta("b" .. generation, bucketCounts[generation]) end
  if recordCount ~= tonumber(meta[10] or 0) then setMeta("n" .. generation, recordCount) end
  if first ~= (tonumber(meta[3]) or math.huge) then setMeta("first", first) end
  if last ~= tonumber(meta[4] or 0) then setMeta("last", last) end
  for old = known - 2, math.min(known, generation - 3) do call("HDEL", metaKey, "b" .. old, "n" .. old) end
end
if tonumber(ARGV[3]) > heard then setMeta("heard", ARGV[3]) end
if #metaChanges > 0 then call("HSET", metaKey, unpack(metaChanges)) end
return { table.concat(outcomes), stateOutcome }
