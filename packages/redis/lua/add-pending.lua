--[[
  add-pending: add to an instance's counters what commits have appended to PENDING, and take that out of it: all or nothing, see
  writing.lua. Many commits move the same few counters, so their sum costs a fraction of moving them each time. Readers add what is pending.

  KEYS[1] prefix of the instance's keys. To it are added, as named in keys.ts: PENDING, and
    COUNTS, RETRACTED  strings of numbers of 48 bits: how much is counted, and how far each counter went back
    LABEL_COUNTS, LABEL_HOURS  likewise -> hashes of packed counts of labels
    HOURS, DAYS, KINDS, COHORTS, LATENCIES   after what keys of the epoch begin with, + block -> hashes of counts
    META               hash: pastVersion, which moves when an hour before the running one changes

  ARGV[1] what PENDING begins with   ARGV[2] MessagePack, one array, see pending-adder.ts: what that comes to, as lists, each after its
  length: fields of hashes that were decided on (key, field, before, after, "" for none), totals, steps back (place, by), hashes of counts (key, length, then field, by), all numbers as texts; then the first hour that changes.

  Returns STORED, DAMAGED (stored, but a command was refused or a counter is at its end, 0 or the largest), CONFLICT (nothing is written:
  PENDING begins with something else, or a field holds something else). Cost O(counters). Caller: PendingAdder.
]]
local root, args, at, fresh = KEYS[1], cmsgpack.unpack(ARGV[2]), 1, {}

local function isAsRead(base)
  for i = 2, 4 * args[1] - 2, 4 do
    if (call("HGET", base .. args[i], args[i + 1]) or "") ~= args[i + 2] then return false end
  end
  return true
end

local function saveFields(base)
  for i = 2, 4 * args[1] - 2, 4 do
    local key, field, after = base .. args[i], args[i + 1], args[i + 3]
    if after == "" then write("HDEL", key, field) else write("HSET", key, field, after) end
    if args[i + 2] == "" then fresh[key] = true end
  end
  at = 2 + 4 * args[1]
end

local bitfield, bitfieldMade = { "BITFIELD", false, "OVERFLOW", "FAIL" }, 4
local function saveNumbers(key)
  local n, last = args[at], 4
  for i = at + 1, at + 2 * n, 2 do
    if last == bitfieldMade then bitfield[last + 1], bitfield[last + 2], bitfieldMade = "INCRBY", SLOT_BITS, last + 4 end
    bitfield[last + 3], bitfield[last + 4] = args[i], args[i + 1]
    last = last + 4
  end
  at = at + 1 + 2 * n
  if n == 0 then return end
  bitfield[2] = key
  local reply = write(unpack(bitfield, 1, last)) or {}
  for i = 1, #reply do
    if not reply[i] then
      damaged = true
      write("BITFIELD", key, "SET", SLOT_BITS, bitfield[4 * i + 3], number(bitfield[4 * i + 4]) < 0 and "0" or SLOT_MAX)
    end
  end
end

local function saveHashes(base)
  local hashes = args[at]
  at = at + 1
  for _ = 1, hashes do
    local key, last = base .. args[at], at + 2 * args[at + 1]
    for i = at + 2, last, 2 do
      local sum, by = write("HINCRBY", key, args[i], args[i + 1]), number(args[i + 1])
      if sum and sum < 0 then
        -- Either the hour has expired together with what is subtracted here, or something was counted wrong.
        damaged = damaged or sum ~= by
        write("HDEL", key, args[i])
      elseif sum == by then
        fresh[key] = true
      end
    end
    at = last + 2
  end
end

if call("GETRANGE", root .. PENDING, 0, #ARGV[1] - 1) ~= ARGV[1] then return CONFLICT end
local base = baseOf(root, call("HGET", root .. META, "epoch"))
if not isAsRead(base) then return CONFLICT end
saveFields(base)
saveNumbers(root .. COUNTS)
saveNumbers(root .. RETRACTED)
saveHashes(base)
for key in pairs(fresh) do write("EXPIRE", key, COUNTS_KEPT_SECONDS) end
local time = call("TIME")
if args[at] < math.floor(tonumber(time[1]) / 3600) then
  -- After a loss of data it differs from all earlier ones.
  local known = try("HGET", root .. META, "pastVersion")
  write("HSET", root .. META, "pastVersion", text(math.max(time[1] * 1e6 + time[2], (tonumber(known or 0) or 0) + 1)))
end
local rest = try("GETRANGE", root .. PENDING, #ARGV[1], -1)
if rest == "" then write("DEL", root .. PENDING) else write("SET", root .. PENDING, rest) end
return damaged and DAMAGED or STORED
