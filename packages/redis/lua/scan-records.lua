--[[
  scan-records: records of some of an instance's buckets that mention something. Writes nothing.

  KEYS[1] prefix of the instance's keys; META, MESSAGES and EXTRAS are read, see commit-batch.lua
  ARGV[1], ARGV[2] period and bucket to begin at, "" for the first   ARGV[3] buckets to look at, at most
  ARGV[4] bytes that a record ends with, "" for all records; ARGV[5…] bytes that its extra has in it

  Of fewer buckets where EXTRAS holds much: EXTRA_BYTES_A_BUCKET cost as much as a bucket. Returns { { field, record, extra or "" } …, { period, bucket } to go on from, or {} after the last }. Cost O(records in the buckets).
]]
local meta, now = call("HMGET", KEYS[1] .. META, "epoch", "periods"), tonumber(call("TIME")[1])
local periods, found = periodsIn(baseOf(KEYS[1], meta[1]), meta[2], now), {}
local EXTRA_BYTES_A_BUCKET = 32768
local number, first, budget = tonumber(ARGV[1]), tonumber(ARGV[2]) or 0, tonumber(ARGV[3])

local function mentions(value, extra)
  if ARGV[4] == "" then return true end
  if string.sub(value, -#ARGV[4]) == ARGV[4] then return true end
  for i = 5, #ARGV do
    if extra and string.find(extra, ARGV[i], 1, true) then return true end
  end
  return false
end

for _, period in ipairs(periods) do
  if not number or period.number == number then
    for bucket = first, period.buckets - 1 do
      if budget <= 0 then return { found, { period.number, bucket } } end
      budget = budget - 1
      local all = call("HGETALL", period.prefix .. text(bucket))
      for i = 1, #all, 2 do
        local extra = extraOf(period, all[i], all[i + 1])
        budget = budget - #(extra or "") / EXTRA_BYTES_A_BUCKET
        if mentions(all[i + 1], extra) then found[#found + 1] = { all[i], all[i + 1], extra or "" } end
      end
    end
    number, first = nil, 0
  end
end
return { found, {} }
