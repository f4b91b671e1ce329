--[[
  apply-events: work out what events make of an instance's messages. Part of apply-batch, whose comment tells the keys and
  arguments; after message-record, message-counts and recipients. Writes nothing.
]]
local BATCH, EVENT = ">I4I4Hc0I4", ">BBBBI4I4Hc0Hc0Hc0"
-- Codes of event kinds: statuses are 0 to 9 as in core's MESSAGE_STATUSES, then the two observations.
local OUTGOING_OBSERVATION, INCOMING_OBSERVATION = 10, 11
local now, generationMs = tonumber(ARGV[1]), tonumber(ARGV[2])

-- The instance at work; see begin().
local generation, ignoreGroups, first, last, heardBefore, approximate
local knownHead, bucketCounts, recordCount = false, {}, 0
local chatsVersion, chatsChanged
-- The messages that its events touch, in the order in which they came up, and by their fields.
local entries, entryCount, entryOf = {}, 0, {}
local failedFields = {}
local outcomes, outcomeCount = {}, 0
local countedBefore, countedAfter = newCounted(), newCounted()
local metaChanges, metaArgs = {}, 0

-- @param value a text
local function setMeta(field, value)
  metaChanges[metaArgs + 1], metaChanges[metaArgs + 2] = field, value
  metaArgs = metaArgs + 2
end

local function begin(prefix)
  root, metaArgs = prefix, 0
  local meta = call("HMGET", root .. META, "head", "ignoreGroups", "approximate", "life", "chatsVersion")
  local known, buckets, before, beforeThat
  knownHead = meta[1]
  known, buckets, recordCount, before, beforeThat, first, last, heardBefore = unpackHead(knownHead)
  -- Never back: a worker whose clock is behind must still find what another has written.
  generation = math.max(floor(now / generationMs), known or 0)
  if generation ~= known then recordCount = 0 end
  bucketCounts[generation], bucketCounts[generation - 1], bucketCounts[generation - 2] =
    bucketsSince(known, generation, buckets, before, beforeThat)
  ignoreGroups, approximate, base = meta[2] == "1", meta[3] or "", root .. (meta[4] or "")
  chatsVersion, chatsChanged = meta[5], false
end

-- Forget the instance's messages, so that the tables can serve the next. `false`, not `nil`: a table that keys go out of is
-- laid out anew when others come.
local function finish()
  for i = 1, entryCount do entryOf[entries[i].field] = false end
  entryCount = 0
  for i = #failedFields, 1, -1 do failedFields[i] = nil end
end

local function bucketKey(g, bucket) return base .. MESSAGES .. text(g) .. ":" .. text(bucket) end

-- A message as this batch knows it: its record, whether there was one, the value, generation and key that hold it, and the
-- key where it would be now (home).
local function newEntry(field, direction)
  entryCount = entryCount + 1
  local entry = entries[entryCount]
  if entry then
    clear(entry.record)
    entry.isKnown, entry.value, entry.generation, entry.key, entry.home = false, false, false, false, false
    entry.packed, entry.description, entry.recipients, entry.isToldApart = false, false, false, false
  else
    entry = {
      field = field, direction = direction, record = newRecord(), isKnown = false, value = false, generation = false,
      key = false, home = false, packed = false, description = false, recipients = false, isToldApart = false,
    }
    entries[entryCount] = entry
  end
  entry.field, entry.direction, entryOf[field] = field, direction, entry
  return entry
end

local function findMessage(field, direction)
  local entry = entryOf[field]
  if entry then return entry end
  entry = newEntry(field, direction)
  for g = generation, generation - 2, -1 do
    if bucketCounts[g] > 0 then
      local key = bucketKey(g, bucketOf(field, bucketCounts[g]))
      if g == generation then entry.home = key end
      local value = call("HGET", key, field)
      if value then
        decode(value, entry.record)
        entry.isKnown, entry.value, entry.generation, entry.key = true, value, g, key
        break
      end
    end
  end
  return entry
end

-- core's preferredChatId on packed ids: their first byte orders the servers, the rest compares as the text does.
local function preferredChat(a, b)
  if a == "" then return b end
  -- One byte: its chat was forgotten, and stays so.
  if b == "" or a == b or #a == 1 then return a end
  for i = 1, math.min(#a, #b) do
    local left, right = byte(a, i), byte(b, i)
    if left ~= right then return left < right and a or b end
  end
  return #a < #b and a or b
end

-- Take an event's time into a record's slot; of a repeated status the earliest times stand, of a second failure nothing.
local function takeMoment(entry, slot, at, received, failure, reason, words)
  local record = entry.record
  local times = record.at
  if times[slot] then
    if failure and failure ~= record.failure then return end
    if at < times[slot] then times[slot] = at end
    if received < record.received[slot] then record.received[slot] = received end
    return
  end
  times[slot], record.received[slot] = at, received
  record.mask = record.mask + BITS[slot]
  if failure then
    record.failure, record.reason = failure, reason
    failedFields[#failedFields + 1] = entry.field
    if words ~= "" then entry.description = words end
  end
  countLatency(2, received - at)
  if (slot == 3 or slot == 4) and times[3] and times[4] then countLatency(0, times[4] - times[3]) end
  if (slot == 4 or slot == 5) and times[4] and times[5] then countLatency(1, times[5] - times[4]) end
end

-- The transition table: the state that a status leads to, and the outcome character.
local function nextOf(state, status)
  local cell = (state * 10 + status) * 2
  return byte(RULES, cell + 1) - 48, sub(RULES, cell + 2, cell + 2)
end

-- Apply the next step of a message: what applyEvent comes to by a longer way, see isNextStep.
local function takeStep(entry, rank, at, received)
  local record = entry.record
  local reached, hour = record.state - 1, floor(at / 3600)
  record.state = rank + 1
  count(SLOT_STATUS + reached, -1)
  count(SLOT_STATUS + rank, 1)
  local slot = SLOT_REACHED + record.origin * STRIDE_REACHED
  for skipped = math.max(SENT, reached + 1), rank do countAt(slot + skipped, hour, 1) end
  takeMoment(entry, rank + 1, at, received)
  return OUTCOME_ADVANCED
end

-- Apply one event to its message. Returns the outcome character.
local function applyEvent(kind, origin, type, reason, at, received, field, chat, words)
  if ignoreGroups and chat ~= "" and find(CHATS_OF_GROUPS, sub(chat, 1, 1), 1, true) then return OUTCOME_IGNORED end
  local isStatus = kind < OUTGOING_OBSERVATION
  local entry = findMessage(field, kind == INCOMING_OBSERVATION and INCOMING or OUTGOING)
  local isNew, record = not entry.isKnown, entry.record
  if kind < 6 and not isNew then
    if isNextStep(record, kind, origin, at, chat) then return takeStep(entry, kind, at, received) end
    local _, outcome = nextOf(record.state, kind)
    if outcome ~= OUTCOME_CONTRADICTION and isRepeat(record, kind, origin, at, received, chat) then return outcome end
  end
  local before = not isNew and countedOf(record, entry.direction, countedBefore)
  entry.isKnown = true
  takeRecipient(entry, isStatus and kind, at, chat)

  local state, outcome = nextOf(record.state, isStatus and kind or 0)
  record.state = state
  if outcome == OUTCOME_CONTRADICTION then record.contradicted = true end
  if not isStatus and type < record.type then record.type = type end
  if origin == ORIGIN_API or record.origin == 0 then record.origin = origin end
  record.chat = preferredChat(record.chat, chat)
  local slot = not isStatus and 0 or (kind < 6 and kind + 1 or FAILED_AT)
  takeMoment(entry, slot, at, received, slot == FAILED_AT and char(48 + kind), char(48 + reason), words)
  moveCounts(before, countedOf(record, entry.direction, countedAfter), entry.direction)

  -- Actions too: whether a message is one may come to be known only later, and the order must not matter.
  local own = ownTime(record.at)
  if own < first then first = own end
  if (isNew or not isStatus) and not isAction(record.type) and at > last then last = at end
  return outcome
end

-- Apply the events that lie between two positions of the argument.
local function applyEvents(events, position, endsAt)
  local kind, origin, type, reason, at, received, field, chat, words
  while position < endsAt do
    kind, origin, type, reason, at, received, field, chat, words, position = unpackStruct(EVENT, events, position)
    local outcome = applyEvent(kind, origin, type, reason, at, received, field, chat, words)
    outcomeCount = outcomeCount + 1
    outcomes[outcomeCount] = outcome
    if kind < OUTGOING_OBSERVATION then count(SLOT_OUTCOME + byte(outcome) - 48, 1) end
  end
  -- No error can come after this.
  for i = 1, entryCount do entries[i].packed = encode(entries[i].record) end
end
