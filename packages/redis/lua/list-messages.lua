--[[
  list-messages: some of an instance's messages, those heard of last first. Writes nothing.

  KEYS[1] prefix of the instance's keys; META, HEARD and what read-messages reads
  ARGV[1] now, Unix ms   ARGV[2] generation length, ms
  ARGV[3] generation, ARGV[4] day and ARGV[5] place in that day's list (from 0) to begin at, going down; "" to begin at all's end
  ARGV[6] first day wanted, days since 1970   ARGV[7] records to return at most   ARGV[8] list entries to look at, at most
  ARGV[9] states wanted, a byte each, "" for any   ARGV[10] origins, likewise   ARGV[11] directions wanted: 1 outgoing, 0 incoming

  Lists only grow at their end, so a place is stable. A record that was touched in a later generation is in that one's lists
  as well, and is skipped in the older. Returns { { field, record, description, recipients } …, { generation, day, place } to
  go on from, or {} after the last }.
]]
openInstance(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))
local generationMs, firstDay = tonumber(ARGV[2]), tonumber(ARGV[6])
local wanted, budget = tonumber(ARGV[7]), tonumber(ARGV[8])
local states, origins, directions = ARGV[9], ARGV[10], ARGV[11]
local found = {}

local function fits(field, value)
  local state, origin, type = string.byte(value, 1, 3)
  if type >= TYPE_ACTION and type < TYPE_UNKNOWN then return false end
  if not string.find(directions, string.byte(field, 4) % 2 == 1 and "1" or "0", 1, true) then return false end
  if states ~= "" and not string.find(states, string.char(state), 1, true) then return false end
  return origins == "" or string.find(origins, string.char(origin), 1, true)
end

-- Look at one list from a place downwards. Returns the place to go on from, -1 if it is done.
local function look(g, day, place)
  local key = base .. HEARD .. g .. ":" .. day
  while place >= 0 and budget > 0 and #found < wanted do
    local from = math.max(0, place - math.min(budget, 200) + 1)
    local fields = redis.call("LRANGE", key, from, place)
    for i = #fields, 1, -1 do
      local value = recordIn(g, fields[i])
      if value and fits(fields[i], value) then found[#found + 1] = withDetails(g, fields[i], value) end
      budget, place = budget - 1, place - 1
      if #found == wanted then break end
    end
    if #fields == 0 then return -1 end
  end
  return place
end

local g, day, place = tonumber(ARGV[3]) or generation, tonumber(ARGV[4]), tonumber(ARGV[5])
g = math.min(g, generation)
while g >= generation - 2 do
  -- A clock that was a little off may have put a list a day beside its generation.
  local newest = math.floor((g + 1) * generationMs / 86400000) + 1
  local oldest = math.max(firstDay, math.floor(g * generationMs / 86400000) - 1)
  day = day or newest
  while day >= oldest and bucketCounts[g] > 0 do
    place = place or redis.call("LLEN", base .. HEARD .. g .. ":" .. day) - 1
    place = look(g, day, place)
    if place >= 0 then return { found, { g, day, place } } end
    day, place = day - 1, nil
    if #found == wanted or budget <= 0 then return { found, { g, day, "" } } end
  end
  g, day, place = g - 1, nil, nil
end
return { found, {} }
