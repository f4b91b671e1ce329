--[[
  save-batch: write what apply-events has worked out. Part of apply-batch, whose comment tells the keys.
]]
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
  local words = entry.description
  if entry.generation and entry.generation ~= generation and entry.record.failure then
    words = words or call("HGET", base .. DESCRIPTIONS .. entry.generation, field)
    call("HDEL", base .. DESCRIPTIONS .. entry.generation, field)
  end
  if not words then return end
  local key = base .. DESCRIPTIONS .. generation
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

-- Fields of new messages in the order in which they were first heard of, for lists of messages and for deleting them.
local heard, heardCount = {}, 0
local function saveHeard(livesMs)
  if heardCount == 0 then return end
  -- Not before its generation began: a clock that is behind must not write where no list is looked for.
  local day = floor(math.max(now, generation * generationMs) / 86400000)
  local key = base .. HEARD .. text(generation) .. ":" .. text(day)
  for from = 1, heardCount, 1000 do
    local till = math.min(from + 999, heardCount)
    if call("RPUSH", key, unpack(heard, from, till)) == till - from + 1 then call("PEXPIRE", key, text(livesMs)) end
  end
  heardCount = 0
end

local function saveFailed()
  if #failedFields == 0 then return end
  call("LPUSH", base .. FAILED, unpack(failedFields, math.max(1, #failedFields - FAILED_KEPT + 1)))
  call("LTRIM", base .. FAILED, 0, FAILED_KEPT - 1)
end

local function saveRecords()
  -- From now, not a date: the caller's clock may differ from that of Redis.
  local livesMs, bucketsBefore = (generation + 3) * generationMs - now, bucketCounts[generation]
  for i = 1, entryCount do
    local entry = entries[i]
    local field, home = entry.field, entry.home
    -- A bucket may have been split since it was looked up.
    if not home or bucketCounts[generation] ~= bucketsBefore then
      if bucketCounts[generation] == 0 then bucketCounts[generation] = 1 end
      home = bucketKey(generation, bucketOf(field, bucketCounts[generation]))
    end
    saveDescription(field, entry, livesMs)
    saveRecipients(field, entry, livesMs)
    if entry.generation == generation then
      if entry.packed ~= entry.value then call("HSET", home, field, entry.packed) end
    else
      -- New, or touched after long: it moves into the current generation, and so lives on.
      if entry.key then call("HDEL", entry.key, field) end
      call("HSET", home, field, entry.packed)
      call("PEXPIRE", home, text(livesMs))
      heardCount = heardCount + 1
      heard[heardCount] = field
      recordCount = recordCount + 1
      if recordCount > BUCKET_LOAD * bucketCounts[generation] then growBuckets(livesMs) end
    end
  end
  saveHeard(livesMs)
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
  if state == "" then return OUTCOME_NONE end
  local known = call("HMGET", root .. META, "state", "stateAt")
  local knownAt = tonumber(known[2] or -1)
  if at < knownAt then return OUTCOME_LATE end
  setMeta("state", state)
  setMeta("stateAt", text(at))
  if knownAt < 0 then return OUTCOME_CREATED end
  return at == knownAt and state == known[1] and OUTCOME_DUPLICATE or OUTCOME_ADVANCED
end

local function saveMeta(lastReceipt)
  local head = pack(HEAD, generation, bucketCounts[generation], recordCount, bucketCounts[generation - 1],
    bucketCounts[generation - 2], first, last, math.max(lastReceipt, heardBefore))
  if head ~= knownHead then setMeta("head", head) end
  if chatsChanged then setMeta("chatsVersion", text(nextVersion(chatsVersion, now))) end
  if metaArgs > 0 then call("HSET", root .. META, unpack(metaChanges, 1, metaArgs)) end
end
