--[[
  read-summary: all that is known of one instance as a whole, as it stands at one moment. Writes nothing.

  KEYS[1]             prefix of the instance's keys; META, COUNTS, HOURS, DAYS and CHATS are read, see apply-batch.lua
  ARGV[1], ARGV[2]    hours since 1970: messages since each are summed, the hour itself included
  ARGV[3]             the first bytes that packed chat ids can have
  ARGV[4]             the last day that can hold a message: events may be dated a day ahead

  Returns { counts as they are stored; { head, state, stateAt, chats' version as read-chats tells it }; unique chats by first byte
  of ARGV[3]; { messages since ARGV[1], since ARGV[2] } }. Cost O(counters), the same for any number of messages.
]]
local call = redis.call
local meta = call("HMGET", KEYS[1] .. META, "head", "state", "stateAt", "approximate", "life", "chatsVersion")
local base = KEYS[1] .. (meta[5] or "")

local unique = {}
for server in string.gmatch(ARGV[3], ".") do
  local key = base .. CHATS .. server
  local isApproximate = meta[4] and string.find(meta[4], server, 1, true)
  unique[#unique + 1] = isApproximate and call("PFCOUNT", key .. "~") or call("HLEN", key)
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
  local firstDay = math.floor(hour / 24)
  local sum = 0
  for key = math.floor(hour / HOURS_A_KEY), math.floor((firstDay * 24 + 23) / HOURS_A_KEY) do
    local stored = call("HGETALL", base .. HOURS .. key)
    for i = 1, #stored, 2 do
      local place, high, low = string.byte(stored[i], 1, 3)
      local slot = (high - 48) * 64 + low - 48
      local isMessages = slot >= SLOT_MESSAGES and slot < SLOT_MESSAGES + 2 * STRIDE_MESSAGES
      if isMessages and key * HOURS_A_KEY + place - 48 >= hour then sum = sum + tonumber(stored[i + 1]) end
    end
  end
  for day = firstDay + 1, tonumber(ARGV[4]) do sum = sum + dayCount(day) end
  return sum
end

return {
  call("GET", KEYS[1] .. COUNTS) or "",
  { meta[1], meta[2], meta[3], meta[6] and (meta[5] or "") .. meta[6] },
  unique,
  { messagesSince(tonumber(ARGV[1])), messagesSince(tonumber(ARGV[2])) },
}
