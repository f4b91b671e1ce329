--[[
  read-records: records of one or several instances, with all that is decided on. Writes nothing.

  KEYS[i] prefix of instance i's keys
  ARGV[1] MessagePack, one array: bytes of extras to return at most; the only period to look in, -1 for all; for each instance its basis
    (see periods.lua), how many fields, the fields

  Returns MessagePack, one array: for each instance `true`, then for each field its record and what EXTRAS holds of it, `false` for none
  and `0` for one that would be over the limit; or, and nothing more, the basis as it is, where another was expected, and `false` where
  keys cannot be read.
  Cost O(fields × periods). Cluster: one instance a call. Caller: RecordReader.
]]
local args, at, answer, n = cmsgpack.unpack(ARGV[1]), 3, {}, 0
local budget, only, now = args[1], args[2], tonumber(call("TIME")[1])
local function read(root)
  local meta = call("HMGET", root .. META, "epoch", "ignoreGroups", "periods")
  local basis = basisOf(meta[1], meta[2])
  if basis ~= args[at] then return basis end
  local periods = periodsIn(baseOf(root, meta[1]), meta[3], now, only)
  for field = at + 2, at + 1 + args[at + 1] do
    local value, period = findRecord(periods, args[field])
    local extra = hasExtra(value) and 0
    if extra and budget > 0 then
      extra = call("HGET", extrasOf(period), args[field])
      budget = budget - #(extra or "")
    end
    answer[n + 1], answer[n + 2] = value, extra
    n = n + 2
  end
  return true
end

for i = 1, #KEYS do
  n = n + 1
  local first = n
  local isRead, reply = pcall(read, KEYS[i])
  if not isRead and isForbidden(reply) then error(reply) end
  answer[first] = isRead and reply
  -- Values read before the failure are overwritten, or are after the end.
  if not isRead then n = first end
  at = at + 2 + args[at + 1]
end
for i = n + 1, #answer do answer[i] = nil end
return cmsgpack.pack(answer)
