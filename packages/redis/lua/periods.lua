--[[
  periods: where an instance's records lie. Prepended to the scripts that read or write them; writes nothing.

  A retention period is a span of time with buckets of its own, which expire together. PERIODS of META lists those that have not ended, newest
  first, at most PERIODS_MAX: number, opened, expires (Unix s), buckets, records, packed as PERIOD. Buckets are hashes that stay listpacks;
  one is split for each BUCKET_LOAD records added. A field begins with 3 bytes of keyed hash, so that no sender can choose a bucket.
]]
local PERIOD, PERIOD_BYTES = ">I2I4I4I4I4", 18
local call, byte = redis.call, string.byte

-- Small numbers as text, built once per call: Lua and Redis both take half a microsecond to print one.
local TEXTS = {}
local function text(n)
  if not TEXTS[n] then TEXTS[n] = string.format("%.0f", n) end
  return TEXTS[n]
end

local function newPeriod(base, number, opened, expires, buckets, records)
  local prefix = base .. MESSAGES .. text(number) .. ":"
  return { number = number, opened = opened, expires = expires, buckets = buckets, records = records, base = base, prefix = prefix }
end

-- Those that have not ended; of one number only, if it is given and not -1.
local function periodsIn(base, packed, now, only)
  local periods = {}
  for at = 1, packed and #packed or 0, PERIOD_BYTES do
    local number, opened, expires, buckets, records = struct.unpack(PERIOD, packed, at)
    if expires > now and (not only or only == -1 or only == number) then
      periods[#periods + 1] = newPeriod(base, number, opened, expires, buckets, records)
    end
  end
  return periods
end

local function largestPowerOf2(n)
  local power = 1
  while power * 2 <= n do power = power * 2 end
  return power
end

-- The bucket of a field among n: half of a power-of-2 table is split, the rest is not yet.
local function bucketOf(field, n)
  if n == 1 then return 0 end
  local a, b, c = byte(field, 1, 3)
  local power = largestPowerOf2(n)
  local bucket = (a * 65536 + b * 256 + c) % (power * 2)
  return bucket >= n and bucket - power or bucket
end

local function bucketKey(period, field) return period.prefix .. text(bucketOf(field, period.buckets)) end

-- Returns a record's value, its period and its bucket's key; false if there is none.
local function findRecord(periods, field)
  for i = 1, #periods do
    local key = bucketKey(periods[i], field)
    local value = call("HGET", key, field)
    if value then return value, periods[i], key end
  end
  return false
end

-- A bit of a record's second byte says that it has a value in EXTRAS.
local function hasExtra(value) return value and (byte(value, 2) or 0) % 2 == 1 end
-- The fifth byte is 255 for values that are not messages.
local function isMessage(value) return byte(value, 5) ~= 255 end
local function extrasOf(period) return period.base .. EXTRAS .. text(period.number) end

-- What decisions depend on besides records: hash key and epoch, as in META, then the settings. "" for an instance without them.
local function basisOf(epoch, ignoreGroups) return (epoch or "") .. (ignoreGroups or "") end
local function baseOf(root, epoch) return epoch and #epoch > 8 and root .. string.sub(epoch, 9) or root end

-- Whether an error means that the user may not run a command, and not that a key cannot be read.
local function isForbidden(thrown)
  local refusal = type(thrown) == "table" and thrown.err or tostring(thrown)
  return string.find(refusal, "NOPERM", 1, true) or string.find(refusal, "can't run this command", 1, true)
end
