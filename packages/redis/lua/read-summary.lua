--[[
  read-summary: all that is known of one instance as a whole, as it stands at one moment. Writes nothing.

  KEYS[1]             prefix of the instance's keys; META, COUNTS, RETRACTED, PENDING, HOURS, DAYS and CHATS are read, see commit-batch.lua
  ARGV[1], ARGV[2]    hours since 1970: messages since each are summed, the hour itself included
  ARGV[3]             the last day that can hold a message: events may be dated a day ahead
  ARGV[4]             characters of the kinds of chat
  ARGV[5], ARGV[6]    first slot of messages, and one after the last

  Returns { { COUNTS, RETRACTED, PENDING }; { summary, state, stateAt, chats' version as read-chats tells it }; unique chats by kind; { messages
  since ARGV[1], since ARGV[2], without those that are pending } }. Cost O(counters), the same for any number of messages.
]]
local call = redis.call
local meta = call("HMGET", KEYS[1] .. META, "summary", "state", "stateAt", "approximate", "epoch", "chatsVersion")
local epoch = string.sub(meta[5] or "", 9)
local base, firstSlot, lastSlot = KEYS[1] .. epoch, tonumber(ARGV[5]), tonumber(ARGV[6])

local unique = {}
for kind in string.gmatch(ARGV[4], ".") do
  local isApproximate = meta[4] and string.find(meta[4], kind, 1, true)
  unique[#unique + 1] = isApproximate and call("PFCOUNT", base .. CHATS .. kind .. "~") or call("HLEN", base .. CHATS .. kind)
end

local days = {}
local function dayCount(day)
  local block = math.floor(day / DAYS_A_KEY)
  if not days[block] then
    days[block] = {}
    local stored = call("HGETALL", base .. DAYS .. block)
    for i = 1, #stored, 2 do days[block][tonumber(stored[i])] = tonumber(stored[i + 1]) end
  end
  return days[block][day] or 0
end

-- Whole days from the day roll-up, the first one from its hours.
local function messagesSince(hour)
  local firstDay, sum = math.floor(hour / 24), 0
  for key = math.floor(hour / HOURS_A_KEY), math.floor((firstDay * 24 + 23) / HOURS_A_KEY) do
    local stored = call("HGETALL", base .. HOURS .. key)
    for i = 1, #stored, 2 do
      local place, high, low = string.byte(stored[i], 1, 3)
      local slot = (high - 48) * 64 + low - 48
      if slot >= firstSlot and slot < lastSlot and key * HOURS_A_KEY + place - 48 >= hour then sum = sum + tonumber(stored[i + 1]) end
    end
  end
  for day = firstDay + 1, tonumber(ARGV[3]) do sum = sum + dayCount(day) end
  return sum
end

return {
  { call("GET", KEYS[1] .. COUNTS) or "", call("GET", KEYS[1] .. RETRACTED) or "", call("GET", KEYS[1] .. PENDING) or "" },
  { meta[1], meta[2], meta[3], meta[6] and epoch .. meta[6] },
  unique,
  { messagesSince(tonumber(ARGV[1])), messagesSince(tonumber(ARGV[2])) },
}
