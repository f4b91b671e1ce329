--[[
  forget-chat: take a chat's id out of some of an instance's records, of its set of unique chats, and out of what the gateway said on failures.
  Comes after record-buckets, message-record, message-counts and recipients.

  KEYS[1] prefix of the instance's keys; all are as in apply-batch
  ARGV[1] now, Unix ms   ARGV[2] generation length, ms
  ARGV[3] the packed chat   ARGV[4] what is kept in its place, one byte   ARGV[5] the id's part before the server
  ARGV[6] which generation: 0 the current one, 1 and 2 those before   ARGV[7], ARGV[8] first bucket, and how many

  Called for generation 2 first and 0 last: a record only ever moves to a later generation, and a bucket that is split to a later bucket.
  Of one call all or nothing. Returns { records changed, records of which it was one of several recipients, the next bucket or
  -1, the current generation }. Cost O(records in the buckets).
]]
local forgotten, marker, user = ARGV[3], ARGV[4], ARGV[5]
root = KEYS[1]
local meta = call("HMGET", root .. META, "head", "life", "chatsVersion")
base = root .. (meta[2] or "")
local known, b0, _, b1, b2 = unpackHead(meta[1])
local current = math.max(floor(tonumber(ARGV[1]) / tonumber(ARGV[2])), known or 0)
local counts = { bucketsSince(known, current, b0, b1, b2) }
local age, from = tonumber(ARGV[6]), tonumber(ARGV[7])
local generation = current - age
local till = math.min(from + tonumber(ARGV[8]), counts[age + 1])
local messages, several = 0, 0
local changes = {}
local record, countedBefore, countedAfter = newRecord(), newCounted(), newCounted()

local function look(key, field, value)
  clear(record)
  decode(value, record)
  local direction = byte(field, 4) % 2
  if record.chat == forgotten then
    local before = countedOf(record, direction, countedBefore)
    record.chat = marker
    moveCounts(before, countedOf(record, direction, countedAfter), direction)
    changes[#changes + 1] = { key, field, encode(record) }
    messages = messages + 1
  end
  if record.several then
    local entry = { field = field, generation = generation }
    loadRecipients(entry)
    if entry.recipients[forgotten] then
      entry.recipients[forgotten] = nil
      changes[#changes + 1] = { base .. RECIPIENTS .. text(generation), field, encodeRecipients(entry.recipients) }
      several = several + 1
    end
  end
  if record.failure and #user > 4 then
    local words = call("HGET", base .. DESCRIPTIONS .. text(generation), field)
    if words and find(words, user, 1, true) then changes[#changes + 1] = { base .. DESCRIPTIONS .. text(generation), field } end
  end
end

for bucket = from, till - 1 do
  local key = base .. MESSAGES .. text(generation) .. ":" .. text(bucket)
  local all = call("HGETALL", key)
  for i = 1, #all, 2 do
    local value = all[i + 1]
    -- The chat comes last in a record; the two bits tell that there is more of it elsewhere.
    local mask, flags = byte(value, 4, 5)
    if mask >= 128 or flags >= FLAG_SEVERAL or sub(value, -#forgotten) == forgotten then look(key, all[i], value) end
  end
end

-- Here the writing begins.
for _, change in ipairs(changes) do
  if change[3] then call("HSET", unpack(change)) else call("HDEL", change[1], change[2]) end
end
saveCounts()
if call("HDEL", base .. CHATS .. sub(forgotten, 1, 1), forgotten) == 1 then
  call("HSET", root .. META, "chatsVersion", text(nextVersion(meta[3], tonumber(ARGV[1]))))
end
return { messages, several, till < counts[age + 1] and till or -1, current }
