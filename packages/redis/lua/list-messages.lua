--[[
  list-messages: some of an instance's messages, those first seen last come first. Writes nothing.

  KEYS[1] prefix of the instance's keys; META, MESSAGES, EXTRAS and ARRIVALS are read, see commit-batch.lua
  ARGV[1] period, ARGV[2] day and ARGV[3] place in that day's list (from 0) to begin at, going down; "" to begin at the end of all
  ARGV[4] first day wanted, days since 1970   ARGV[5] records to return at most   ARGV[6] list entries to look at, at most
  ARGV[7…] conditions, in turns: the place of a byte in the packed record (0: in its field), and the values it may have

  It returns fewer once the extras of those found, which hold recipients, have EXTRAS_MAX bytes: a message may have a thousand.

  Lists only grow at their end, so a place is stable. A record that moved to a later period is in that one's lists as well, and is skipped
  in the older. Returns { { field, record, extra or "" } …, { period, day, place } to go on from, or {} after the last }.
]]
local meta, now = call("HMGET", KEYS[1] .. META, "epoch", "periods"), tonumber(call("TIME")[1])
local base = baseOf(KEYS[1], meta[1])
local periods, firstDay = periodsIn(base, meta[2], now), tonumber(ARGV[4])
local wanted, budget, found = tonumber(ARGV[5]), tonumber(ARGV[6]), {}
local EXTRAS_MAX, extras = 512 * 1024, 0

local function fits(field, value)
  for i = 7, #ARGV, 2 do
    local place = tonumber(ARGV[i])
    local actual = place == 0 and string.char(byte(field, 4) % 2) or string.sub(value, place, place)
    if not string.find(ARGV[i + 1], actual, 1, true) then return false end
  end
  return true
end

-- Look at one list from a place downwards. Returns the place to go on from, -1 if it is done.
local function look(period, day, place)
  local key = base .. ARRIVALS .. text(period.number) .. ":" .. text(day)
  while place >= 0 and budget > 0 and #found < wanted do
    local fields = call("LRANGE", key, math.max(0, place - math.min(budget, 200) + 1), place)
    if #fields == 0 then return -1 end
    for i = #fields, 1, -1 do
      local value = call("HGET", bucketKey(period, fields[i]), fields[i])
      if value and fits(fields[i], value) then
        local extra = extraOf(period, fields[i], value) or ""
        found[#found + 1], extras = { fields[i], value, extra }, extras + #extra
        if extras >= EXTRAS_MAX then wanted = #found end
      end
      budget, place = budget - 1, place - 1
      if #found == wanted then break end
    end
  end
  return place
end

local number, day, place = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
for _, period in ipairs(periods) do
  if not number or period.number == number then
    day = day or math.floor(now / 86400)
    while day >= math.max(firstDay, math.floor(period.opened / 86400)) do
      place = place or call("LLEN", base .. ARRIVALS .. text(period.number) .. ":" .. text(day)) - 1
      place = look(period, day, place)
      if place >= 0 then return { found, { period.number, day, place } } end
      day, place = day - 1, nil
      if #found == wanted or budget <= 0 then return { found, { period.number, day, "" } } end
    end
    number, day, place = nil, nil, nil
  end
end
return { found, {} }
