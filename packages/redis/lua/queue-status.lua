--[[
  queue-status: how many jobs one BullMQ queue holds, and the receipt of its oldest. Reads BullMQ's keys, writes KEYS[7] to KEYS[12].

  A job is not done as long as its hash exists: BullMQ writes the hash when it adds the job and deletes it when the job
  completes, whatever lists it moves the job through, and to whichever end of them. So jobs are found by their ids, which BullMQ
  counts up, in ranges of SPAN: range r holds the ids from r * SPAN + 1 to (r + 1) * SPAN. Once all ids of a range are given,
  it is read, and KEYS[7] keeps its oldest receipt if it has a job that is not done. Receipts never change and ranges get no
  more jobs, so that can only become earlier than the truth; the lowest is therefore read again before it is believed. The
  newest ids, less than a range, are read each time. The order of receipts among ids does not matter.

  KEYS[1] wait list   KEYS[2] active list   KEYS[3] delayed zset   KEYS[4] failed zset   KEYS[5] id of the newest job
  KEYS[6] prefix of job hashes, whose field `timestamp` is the receipt of the job's oldest webhook, Unix ms
  KEYS[7] ranges zset     range -> not later than the receipt of any job in it that is not done, Unix ms
  KEYS[8] read            highest id whose range was read, a multiple of SPAN
  KEYS[9] to KEYS[12]     what is still to be read of KEYS[1] to KEYS[4] as they were at the first call: the queue may be older
                          than these keys
  ARGV[1] where to go on  "" in the first call, then what the last one returned

  Returns { waiting, active, delayed, failed, oldest receipt or "", where to go on or "" }. The oldest of the queue is the
  earliest that was returned when there is nowhere to go on. Cost of a call: O(READ_MAX), about 5 ms; mostly there is one, of
  at most a few ranges. Cluster: all keys share the queue's {tag}. Caller: BullQueueReader.
  While Redis refuses writes (full memory or disk, too few replicas) nothing is kept and the result is the same; only what
  was there at the first call cannot be read then, which is an error.
]]
-- The ranges that are kept depend on it: with another number KEYS[7] to KEYS[12] need other names.
local SPAN = 128
local READ_MAX = 1024
local call = redis.call
local prefix, ranges, readKey = KEYS[6], KEYS[7], KEYS[8]
local newest = tonumber(call("GET", KEYS[5]) or "0")
local complete = newest - newest % SPAN
local held = { call("LLEN", KEYS[1]), call("LLEN", KEYS[2]), call("ZCARD", KEYS[3]), call("ZCARD", KEYS[4]) }
-- Jobs that this call may still read.
local left = READ_MAX
local oldest

local function answer(goOn)
  return { held[1], held[2], held[3], held[4], oldest and string.format("%.0f", oldest) or "", goOn or "" }
end

local isRefused = false
local function write(...)
  local reply = redis.pcall(...)
  if type(reply) == "table" and reply.err then isRefused = true end
end

local function receipt(id)
  return tonumber(call("HGET", prefix .. id, "timestamp"))
end

local function oldestOf(first, last)
  local found
  for id = first, last do
    local at = receipt(id)
    if at and (not found or at < found) then found = at end
  end
  left = left - (last - first + 1)
  return found
end

local function note(at)
  if at and (not oldest or at < oldest) then oldest = at end
end

local stored = tonumber(call("GET", readKey))
if held[1] + held[2] + held[3] + held[4] == 0 then
  if not stored or stored ~= complete then
    write("DEL", ranges, KEYS[9], KEYS[10], KEYS[11], KEYS[12])
    write("SET", readKey, complete)
  end
  return answer()
end

-- The first call, or ids that begin again, which belong to another queue.
if not stored or stored > newest then
  call("DEL", ranges, KEYS[9], KEYS[10], KEYS[11], KEYS[12])
  for i = 1, 4 do call("COPY", KEYS[i], KEYS[8 + i]) end
  call("SET", readKey, complete)
  stored = complete
  -- To copy 200,000 ids takes as long as a call should.
  left = 0
end

-- Jobs that are older than the ranges.
if call("EXISTS", KEYS[9], KEYS[10], KEYS[11], KEYS[12]) > 0 then
  for i = 1, 4 do
    local isList = i <= 2
    while left > 0 do
      local ids = call(isList and "LRANGE" or "ZRANGE", KEYS[8 + i], 0, SPAN - 1)
      if #ids == 0 then break end
      local bounds = {}
      for _, name in ipairs(ids) do
        local id, at = tonumber(name), receipt(name)
        if id and at then
          local range = math.floor((id - 1) / SPAN)
          bounds[range] = math.min(bounds[range] or at, at)
        end
      end
      -- Kept before they are removed: a full Redis refuses the one but not the other.
      for range, at in pairs(bounds) do call("ZADD", ranges, "LT", at, range) end
      if isList then call("LTRIM", KEYS[8 + i], SPAN, -1) else call("ZREMRANGEBYRANK", KEYS[8 + i], 0, SPAN - 1) end
      left = left - SPAN
    end
  end
  if left <= 0 then return answer(tostring(stored)) end
end

-- Ranges that are complete since the last call. Where nothing could be kept, the next caller reads them again.
local read = math.max(stored, tonumber(ARGV[1]) or 0)
local isKept = read == stored
while read < complete and left > 0 do
  local at = oldestOf(read + 1, read + SPAN)
  note(at)
  if at and isKept then write("ZADD", ranges, "LT", at, read / SPAN) end
  read = read + SPAN
end
if isKept and not isRefused and read > stored then write("SET", readKey, read) end
if read < complete then return answer(tostring(read)) end

-- The lowest bounds, until one cannot be beaten by those after it.
local place = 0
while true do
  local entry = call("ZRANGE", ranges, place, place, "WITHSCORES")
  local range, bound = tonumber(entry[1]), tonumber(entry[2])
  if not range or (oldest and bound >= oldest) then break end
  if left <= 0 then
    if not isRefused then return answer(tostring(read)) end
    -- Too early perhaps, never too late, and only until writes are possible again.
    note(bound)
    break
  end
  local at = oldestOf(range * SPAN + 1, (range + 1) * SPAN)
  note(at)
  if not at then write("ZREM", ranges, range)
  elseif at > bound then write("ZADD", ranges, at, range) end
  if isRefused or at == bound then place = place + 1 end
end

note(oldestOf(complete + 1, newest))
return answer()
