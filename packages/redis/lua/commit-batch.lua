--[[
  commit-batch: store decided records, and how counters move, of one or several instances; the only writer of these keys. Of an instance
  all or nothing: everything that was decided on is compared first, then everything is written, see writing.lua.

  KEYS[i] prefix of instance i's keys. To it are added, as named in keys.ts:
    META      hash: epoch (8 bytes of hash key, then what keys of this epoch begin with), summary, periods, settings, gateway state
    PENDING   string: how counters moved and were not changed yet, see pending-codec.ts
    OUTBOX    stream, a field "t" an entry: what became of messages, for those who listen, see outbox-pieces.ts
  and after what keys of the epoch begin with:
    MESSAGES  + period ":" bucket -> hash of records, see periods.lua     EXTRAS + period -> hash: field -> more of a record
    ARRIVALS  + period ":" day -> list of fields as they were first seen  FAILED -> sorted set: field by the time of its failure, Unix s
    CHATS     + kind -> hash: chat -> messages; beyond UNIQUE_EXACT_MAX a HyperLogLog at the same + "~" instead

  ARGV[1] MessagePack, one array, see commit-codec.ts: seconds that records are kept, period to place records in (-1 for the present one, -2
    for the one where they are); for each instance the place of the next one's, its basis, hash key if it is new, times (first, last,
    receipt), whether there is a gateway state and if so the values of STATE expected, then the new ones; then lists, each after its
    length: records (field, before, after or false to compare only, extra), failures (field, time); what to append to PENDING; chats (kind,
    chat, by), after their length; if there are listeners, when OUTBOX expires, up to which id it is trimmed, its new entries. Numbers that are
    only passed on are texts.

  Returns one character an instance: STORED, STORED_MUCH (PENDING is long), DAMAGED (stored, but a command was refused), CONFLICT
  (nothing is written: something moved), BROKEN (its keys cannot be read). Cost O(records). Cluster: one instance a call. Caller:
  BatchCommitter.
]]
local args, at, now = cmsgpack.unpack(ARGV[1]), 3, tonumber(call("TIME")[1])
local retention, place, NONE, STATE = args[1], args[2], "", { "state", "stateAt", "stateReports" }
-- The current instance, and where its records are, by position in the arguments.
local base, periods, isPeriodsChanged
local periodAt, keyAt = {}, {}

-- The period to write to: one of the requested length, in the first third of its time.
local function presentPeriod()
  local lifetime, longest, nextNumber = math.floor(retention * 3 / 2), periods[1], 0
  for i = 1, #periods do
    local period = periods[i]
    if place >= 0 and period.number == place then return period end
    local isSame = period.expires - period.opened == lifetime
    if place < 0 and isSame and now < period.opened + retention / 2 then return period end
    if period.expires > longest.expires then longest = period end
    nextNumber = math.max(nextNumber, period.number + 1)
  end
  if #periods >= PERIODS_MAX then return longest end
  local opened = newPeriod(base, nextNumber % 65536, now, now + lifetime, 1, 0)
  table.insert(periods, 1, opened)
  isPeriodsChanged = true
  return opened
end

-- Split the next bucket in two, in pieces. Nothing is removed from one before it is in the other.
local function growBuckets(period)
  local n = period.buckets
  local source, target = period.prefix .. text(n - largestPowerOf2(n)), period.prefix .. text(n)
  local fields, moving = try("HGETALL", source), {}
  if not fields then return end
  for i = 1, #fields, 2 do
    if bucketOf(fields[i], n + 1) == n then moving[#moving + 1], moving[#moving + 2] = fields[i], fields[i + 1] end
  end
  for from = 1, #moving, 1000 do
    if not write("HSET", target, unpack(moving, from, math.min(from + 999, #moving))) then return end
  end
  write("EXPIREAT", target, period.expires)
  period.buckets = n + 1
  for from = 1, #moving, 1000 do
    local gone = {}
    for i = from, math.min(from + 999, #moving), 2 do gone[#gone + 1] = moving[i] end
    write("HDEL", source, unpack(gone))
  end
end

-- Throws where a key cannot be read. Returns META, where the records are in the arguments, the new summary; nothing if something moved.
local function compare(root)
  local key = root .. META
  local meta = call("HMGET", key, "epoch", "ignoreGroups", "periods", "summary", "approximate", "chatsVersion")
  if basisOf(meta[1], meta[2]) ~= args[at] then return end
  -- Data of the version before has a head and no epoch.
  if not meta[1] and call("HEXISTS", key, "head") == 1 then return end
  local records = at + 6
  if args[at + 5] then
    local state = call("HMGET", key, unpack(STATE))
    for i = 1, 3 do if args[at + 5 + i] ~= (state[i] or NONE) then return end end
    records = at + 12
  end
  base = baseOf(root, meta[1])
  periods, isPeriodsChanged = periodsIn(base, meta[3], now), false
  for i = records + 1, records + 4 * args[records] - 3, 4 do
    local value, period, found = findRecord(periods, args[i])
    if (value or NONE) ~= args[i + 1] then return end
    periodAt[i], keyAt[i] = period, found
  end
  -- Read here, because a damaged one may throw.
  local first, last, receipt = struct.unpack(SUMMARY, meta[4] or NO_SUMMARY)
  first, last, receipt = math.min(first, args[at + 2]), math.max(last, args[at + 3]), math.max(receipt, args[at + 4])
  return meta, records, struct.pack(SUMMARY, first, last, receipt)
end

-- New, or changed after a long time: it goes into the present period and is kept longer. Returns its value in EXTRAS.
local function moveRecord(period, from, key, field, before, after)
  local target = bucketKey(period, field)
  if not write("HSET", target, field, after) then return false end
  if from then write("HDEL", key, field) end
  -- The first of a bucket: all earlier ones may have moved to later periods.
  if try("HLEN", target) == 1 then write("EXPIREAT", target, period.expires) end
  period.records, isPeriodsChanged = period.records + 1, true
  if period.records > BUCKET_LOAD * period.buckets then growBuckets(period) end
  if not hasExtra(before) then return false end
  local extra = try("HGET", extrasOf(from), field)
  write("HDEL", extrasOf(from), field)
  return extra
end

local function saveRecords(present)
  local arrivals, n = {}, args[at]
  for i = at + 1, at + 4 * n - 3, 4 do
    local field, after, extra, from = args[i], args[i + 2], args[i + 3], periodAt[i]
    -- A value that is not a message is in no list until it becomes one.
    local isListed = after and isMessage(after)
    local isFirst = isListed and not isMessage(args[i + 1])
    -- One that expires later already stays: of two settings in use the longer holds, and a record is in each period's lists once.
    local period = present and (isFirst or not from or from.expires < present.expires) and present or from
    -- A bucket may have been split since it was looked up.
    local key = from and (from.buckets == 1 and keyAt[i] or bucketKey(from, field))
    if not after then
      extra = false
    elseif from == period then
      if after ~= args[i + 1] then write("HSET", key, field, after) end
    else
      local known = moveRecord(period, from, key, field, args[i + 1], after)
      extra = extra or known
    end
    if isListed and (isFirst or from ~= period) then arrivals[#arrivals + 1] = field end
    if extra == NONE then
      write("HDEL", extrasOf(period), field)
    elseif extra then
      write("HSET", extrasOf(period), field, extra)
      write("EXPIREAT", extrasOf(period), period.expires)
    end
  end
  at = at + 1 + 4 * n
  if place ~= -1 or #arrivals == 0 then return end
  local key, expires = base .. ARRIVALS .. text(present.number) .. ":" .. text(math.floor(now / 86400)), present.expires
  for from = 1, #arrivals, 1000 do
    local till = math.min(from + 999, #arrivals)
    if write("RPUSH", key, unpack(arrivals, from, till)) == till - from + 1 then write("EXPIREAT", key, expires) end
  end
end

local function saveFailures()
  local n, key = args[at], base .. FAILED
  for i = at + 1, at + 2 * n, 2 do
    if args[i + 1] == NONE then write("ZREM", key, args[i]) else write("ZADD", key, args[i + 1], args[i]) end
  end
  if n > 0 then write("ZREMRANGEBYRANK", key, 0, -FAILED_KEPT - 1) end
  at = at + 1 + 2 * n
end

-- Counter changes are only appended here: see add-pending.lua. Returns whether PENDING is long by now.
local function saveChanges(key)
  local changes = args[at]
  at = at + 1
  return changes ~= NONE and (write("APPEND", key, changes) or 0) > PENDING_BYTES_MAX
end

-- Beyond the limit only how many chats there are is kept, within 1 %. Returns whether it is so.
local function approximateFrom(key)
  local chats = try("HKEYS", key)
  for from = 1, chats and #chats or 0, 500 do
    if not write("PFADD", key .. "~", unpack(chats, from, math.min(from + 499, #chats))) then return false end
  end
  if chats then write("DEL", key) end
  return chats
end

-- The fields of META to write, field and value in turn.
local metaArgs, metaCount = { "HSET" }, 0
local function setMeta(field, value)
  metaArgs[metaCount + 1], metaArgs[metaCount + 2] = field, value
  metaCount = metaCount + 2
end

-- A chat is unique while it has messages.
local function saveChats(meta)
  local n, approximate, isChanged, isExact = args[at], meta[5] or NONE, false, false
  for i = at + 1, at + 3 * n, 3 do
    local kind, by = args[i], number(args[i + 2])
    local key = base .. CHATS .. kind
    if string.find(approximate, kind, 1, true) then
      if by > 0 and write("PFADD", key .. "~", args[i + 1]) == 1 then isChanged = true end
    else
      local messages = write("HINCRBY", key, args[i + 1], args[i + 2]) or 1 / 0
      if messages <= 0 then write("HDEL", key, args[i + 1]) end
      if messages <= 0 or messages == by then isChanged = true end
      if messages == by and not isExact and (try("HLEN", key) or 0) > UNIQUE_EXACT_MAX then
        if approximateFrom(key) then approximate = approximate .. kind else isExact = true end
      end
    end
  end
  at = at + 1 + 3 * n
  if approximate ~= (meta[5] or NONE) then setMeta("approximate", approximate) end
  -- It only grows, and after a loss of data it differs from all earlier ones.
  if isChanged then setMeta("chatsVersion", text(math.max(now, (tonumber(meta[6]) or 0) + 1))) end
end

local function savePeriods()
  local packed = ""
  for _, p in ipairs(periods) do packed = packed .. struct.pack(PERIOD, p.number, p.opened, p.expires, p.buckets, p.records) end
  setMeta("periods", packed)
end

-- The entries for listeners, if there are any.
local function saveOutbox(key, last)
  if at > last then return end
  for i = at + 2, last do write("XADD", key, "MINID", "~", args[at + 1], "*", "t", args[i]) end
  write("XTRIM", key, "MAXLEN", "~", OUTBOX_ENTRIES_MAX)
  write("EXPIREAT", key, args[at])
end

local function store(root, meta, records, summary, last)
  metaArgs[2], metaCount = root .. META, 2
  if summary ~= meta[4] then setMeta("summary", summary) end
  -- An instance without data may be about to expire: see the eraser.
  if not meta[4] and meta[1] then write("PERSIST", root .. META) end
  if args[at + 1] ~= NONE then setMeta("epoch", args[at + 1]) setMeta("head", LAYOUT) end
  if args[at + 5] then for i = 1, 3 do setMeta(STATE[i], args[at + 8 + i]) end end
  at = records
  saveRecords(args[at] > 0 and place ~= -2 and presentPeriod())
  if isPeriodsChanged then savePeriods() end
  saveFailures()
  local isOverfull = saveChanges(root .. PENDING)
  saveChats(meta)
  saveOutbox(root .. OUTBOX, last)
  if metaCount > 2 then write(unpack(metaArgs, 1, metaCount)) end
  return isOverfull
end

local replies = {}
for i = 1, #KEYS do
  local next = args[at]
  at, damaged = at + 1, false
  local isRead, meta, records, summary = pcall(compare, KEYS[i])
  local isOverfull = isRead and meta and store(KEYS[i], meta, records, summary, next - 1)
  if not isRead and isForbidden(meta) then
    if isFirstWrite then error(meta) end
    isRead, meta = true, nil
  end
  at = next
  replies[i] = not isRead and BROKEN or not meta and CONFLICT or damaged and DAMAGED or isOverfull and STORED_MUCH or STORED
end
return table.concat(replies)
