--[[
  apply-batch: apply events of one or several instances to their message records and roll-ups; the only writer of these
  keys. Of an instance all or nothing: everything is worked out and packed first, then written, and Redis refuses a script
  for want of memory or disk only before its first write.

  KEYS[i] prefix of instance i's keys. To it are added, as named in keys.ts:
    META               hash: head (see instance-head.lua), settings, gateway state, life
    COUNTS             hash: counter field -> integer >= 0; the fields are in counter-codec.ts
  and after the life that META tells, "" for most (see forget-instance.lua):
    MESSAGES           + generation ":" bucket -> hash of packed records, see record-buckets.lua
    DESCRIPTIONS       + generation -> hash: record field -> the gateway's own words on a failure
    RECIPIENTS         + generation -> hash: record field -> state, time and chat of each recipient, see recipients.lua
    HEARD              + generation ":" day -> list: record fields in the order in which messages were first heard of
    FAILED             list: record fields of the messages that failed last, newest first, at most FAILED_KEPT
    HOURS              + hour / HOURS_A_KEY -> hash: hour % HOURS_A_KEY as one character, counter field -> integer
    DAYS               + day / DAYS_A_KEY -> hash: day -> messages of that day by their own time
    CHATS              + first byte -> hash: packed chat id -> its messages; past UNIQUE_EXACT_MAX a HyperLogLog at the
                       same + "~" instead

  ARGV[1] now, Unix ms; only decides generations      ARGV[2] generation length, ms > 0
  ARGV[3] what happened, for each instance one after the other, packed as BATCH and EVENT below (see event-codec.ts):
    last receipt, Unix s; time of the gateway state, Unix s; the state, "" for none; bytes of events; message events

  Above this text stand the constants that core and keys.ts hand over: RULES (the transition table, two characters a cell:
  next state, outcome) and the others in capitals.

  Returns for each instance { one outcome character per message event, the outcome character of the state or "" }.
  Cost O(events). In a cluster: one instance a call, its keys share a {tag}. Caller: RedisMessageStore.apply.
]]
local BATCH, EVENT = ">I4I4Hc0I4", ">BBBBI4I4Hc0Hc0Hc0"
-- Codes of event kinds: statuses are 0 to 9 as in core's MESSAGE_STATUSES, then the two observations.
local OUTGOING_OBSERVATION, INCOMING_OBSERVATION = 10, 11
local now, generationMs = tonumber(ARGV[1]), tonumber(ARGV[2])

-- The instance at work; see begin().
local generation, ignoreGroups, first, last, heardBefore, approximate
local knownHead, bucketCounts, recordCount = false, {}, 0
local chatsVersion, chatsChanged
local records, fieldsInOrder, failedFields = {}, {}, {}
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

-- Forget the instance's messages, so that the tables can serve the next.
local function finish()
  for i = 1, #fieldsInOrder do records[fieldsInOrder[i]], fieldsInOrder[i] = nil, nil end
  for i = 1, #failedFields do failedFields[i] = nil end
end

local function bucketKey(g, bucket) return base .. MESSAGES .. text(g) .. ":" .. text(bucket) end

-- A message as this batch knows it: its record, what was counted of it before, the generation and key that hold it.
local function findMessage(field, direction)
  local entry = records[field]
  if entry then return entry end
  entry = {
    field = field, direction = direction, record = false, value = false, generation = false, key = false,
    packed = false, description = false, recipients = false, isToldApart = false,
  }
  for g = generation, generation - 2, -1 do
    if bucketCounts[g] > 0 then
      local key = bucketKey(g, bucketOf(field, bucketCounts[g]))
      local value = call("HGET", key, field)
      if value then
        entry.record, entry.value, entry.generation, entry.key = decode(value), value, g, key
        break
      end
    end
  end
  records[field] = entry
  fieldsInOrder[#fieldsInOrder + 1] = field
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
  local isNew = not entry.record
  if isNew then entry.record = newRecord() end
  local record = entry.record
  if kind < 6 and not isNew then
    if isNextStep(record, kind, origin, at, chat) then return takeStep(entry, kind, at, received) end
    local _, outcome = nextOf(record.state, kind)
    if outcome ~= OUTCOME_CONTRADICTION and isRepeat(record, kind, origin, at, received, chat) then return outcome end
  end
  local before = not isNew and countedOf(record, entry.direction)
  takeRecipient(entry, isStatus and kind, at, chat)

  local state, outcome = nextOf(record.state, isStatus and kind or 0)
  record.state = state
  if outcome == OUTCOME_CONTRADICTION then record.contradicted = true end
  if not isStatus and type < record.type then record.type = type end
  if origin == ORIGIN_API or record.origin == 0 then record.origin = origin end
  record.chat = preferredChat(record.chat, chat)
  local slot = not isStatus and 0 or (kind < 6 and kind + 1 or FAILED_AT)
  takeMoment(entry, slot, at, received, slot == FAILED_AT and char(48 + kind), char(48 + reason), words)
  moveCounts(before, countedOf(record, entry.direction), entry.direction)

  -- Actions too: whether a message is one may come to be known only later, and the order must not matter.
  local own = ownTime(record.at)
  if own < first then first = own end
  if (isNew or not isStatus) and not isAction(record.type) and at > last then last = at end
  return outcome
end

-- Apply the events that lie between two positions of the argument. Returns their outcome characters.
local function applyEvents(events, position, endsAt)
  local outcomes, n = {}, 0
  local kind, origin, type, reason, at, received, field, chat, words
  while position < endsAt do
    kind, origin, type, reason, at, received, field, chat, words, position = unpackStruct(EVENT, events, position)
    local outcome = applyEvent(kind, origin, type, reason, at, received, field, chat, words)
    n = n + 1
    outcomes[n] = outcome
    if kind < OUTGOING_OBSERVATION then count(SLOT_OUTCOME + byte(outcome) - 48, 1) end
  end
  -- No error can come after this.
  for i = 1, #fieldsInOrder do
    local entry = records[fieldsInOrder[i]]
    entry.packed = encode(entry.record)
  end
  return table.concat(outcomes)
end

-- Here the writing begins.

-- Split the next bucket of the current generation in two, see record-buckets.lua.
local function growBuckets(livesMs)
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
    call("PEXPIRE", target, text(livesMs))
    call("HDEL", source, unpack(gone))
  end
  bucketCounts[generation] = n + 1
end

local function saveDescription(field, entry, livesMs)
  local key, words = base .. DESCRIPTIONS .. generation, entry.description
  if entry.generation and entry.generation ~= generation and entry.record.failure then
    words = words or call("HGET", base .. DESCRIPTIONS .. entry.generation, field)
    call("HDEL", base .. DESCRIPTIONS .. entry.generation, field)
  end
  if not words then return end
  call("HSET", key, field, words)
  call("PEXPIRE", key, text(livesMs))
end

local function saveRecipients(field, entry, livesMs)
  if not entry.record.several then return end
  local isMoved = entry.generation and entry.generation ~= generation
  if not entry.isToldApart and not isMoved then return end
  loadRecipients(entry)
  if isMoved then call("HDEL", base .. RECIPIENTS .. entry.generation, field) end
  local key = base .. RECIPIENTS .. generation
  call("HSET", key, field, encodeRecipients(entry.recipients))
  call("PEXPIRE", key, text(livesMs))
end

-- In the order in which they were first heard of, for lists of messages and for deleting them.
local function saveHeard(heard, livesMs)
  if #heard == 0 then return end
  -- Not before its generation began: a clock that is behind must not write where no list is looked for.
  local day = floor(math.max(now, generation * generationMs) / 86400000)
  local key = base .. HEARD .. text(generation) .. ":" .. text(day)
  for from = 1, #heard, 1000 do
    local till = math.min(from + 999, #heard)
    if call("RPUSH", key, unpack(heard, from, till)) == till - from + 1 then call("PEXPIRE", key, text(livesMs)) end
  end
end

local function saveFailed()
  if #failedFields == 0 then return end
  call("LPUSH", base .. FAILED, unpack(failedFields, math.max(1, #failedFields - FAILED_KEPT + 1)))
  call("LTRIM", base .. FAILED, 0, FAILED_KEPT - 1)
end

local function saveRecords()
  -- From now, not a date: the caller's clock may differ from that of Redis.
  local livesMs, heard = (generation + 3) * generationMs - now, {}
  for _, field in ipairs(fieldsInOrder) do
    local entry = records[field]
    saveDescription(field, entry, livesMs)
    saveRecipients(field, entry, livesMs)
    if entry.generation == generation then
      -- A bucket may have been split since it was looked up.
      if entry.packed ~= entry.value then
        call("HSET", bucketKey(generation, bucketOf(field, bucketCounts[generation])), field, entry.packed)
      end
    else
      -- New, or touched after long: it moves into the current generation, and so lives on.
      if entry.key then call("HDEL", entry.key, field) end
      if bucketCounts[generation] == 0 then bucketCounts[generation] = 1 end
      local key = bucketKey(generation, bucketOf(field, bucketCounts[generation]))
      call("HSET", key, field, entry.packed)
      call("PEXPIRE", key, text(livesMs))
      heard[#heard + 1] = field
      recordCount = recordCount + 1
      if recordCount > BUCKET_LOAD * bucketCounts[generation] then growBuckets(livesMs) end
    end
  end
  saveHeard(heard, livesMs)
  saveFailed()
end

-- A chat is unique while it has messages. Past the limit only how many there are is kept, within 1 %.
local function saveChat(chat, by)
  local server = sub(chat, 1, 1)
  local key = base .. CHATS .. server
  if find(approximate, server, 1, true) then
    if by > 0 and call("PFADD", key .. "~", chat) == 1 then chatsChanged = true end
    return
  end
  local messages = call("HINCRBY", key, chat, text(by))
  if messages <= 0 or messages == by then chatsChanged = true end
  if messages <= 0 then
    call("HDEL", key, chat)
  elseif messages == by and call("HLEN", key) > UNIQUE_EXACT_MAX then
    local members = call("HKEYS", key)
    for from = 1, #members, 500 do call("PFADD", key .. "~", unpack(members, from, math.min(from + 499, #members))) end
    call("DEL", key)
    approximate = approximate .. server
    setMeta("approximate", approximate)
  end
end

-- The newest word stands; of two in the same second, the one applied last.
local function takeState(state, at)
  if state == "" then return "" end
  local known = call("HMGET", root .. META, "state", "stateAt")
  local knownAt = tonumber(known[2] or -1)
  if at < knownAt then return OUTCOME_LATE end
  setMeta("state", state)
  setMeta("stateAt", text(at))
  if knownAt < 0 then return OUTCOME_CREATED end
  return at == knownAt and state == known[1] and OUTCOME_DUPLICATE or OUTCOME_ADVANCED
end

local function saveMeta(heard)
  local head = pack(HEAD, generation, bucketCounts[generation], recordCount, bucketCounts[generation - 1],
    bucketCounts[generation - 2], first, last, math.max(heard, heardBefore))
  if head ~= knownHead then setMeta("head", head) end
  if chatsChanged then setMeta("chatsVersion", text(nextVersion(chatsVersion, now))) end
  if metaArgs > 0 then call("HSET", root .. META, unpack(metaChanges, 1, metaArgs)) end
end

local replies, position, batches = {}, 1, ARGV[3]
for i = 1, #KEYS do
  local heard, stateAt, state, bytes, start = unpackStruct(BATCH, batches, position)
  position = start + bytes
  begin(KEYS[i])
  local outcomes = applyEvents(batches, start, position)
  saveRecords()
  drain(chats, saveChat)
  saveCounts()
  local stateOutcome = takeState(state, stateAt)
  saveMeta(heard)
  finish()
  replies[i] = { outcomes, stateOutcome }
end
return replies
