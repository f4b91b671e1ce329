--[[
  append-lanes: add webhooks to the lanes of their targets, after lanes.lua. Those of one request (a group) are added all or none: if one
  has no room and is not to be dropped, the sender is refused and will send the whole request again.

  ARGV[1] Unix ms of this Redis's clock after which nothing is added: the sender was refused by then, and what it sends again must not
          find itself there   ARGV[2] version of the targets that the caller knows   ARGV[3], ARGV[4] bytes of a lane, and of all
  then for each entry: group, target, instance, "p" to refuse or "d" to drop where there is no room, entry
  Returns "v" if the targets are others by now, "t" if it is too late, else a character for each entry: "w" stored in a lane that was
  empty, "s" stored, "d" dropped, "f" no room, "n" not stored because of another of its group. Cost O(bytes).
]]
if (call("GET", root .. "version") or "0") ~= ARGV[2] then return "v" end
if nowMs() > tonumber(ARGV[1]) then return "t" end
local laneMax, allMax = tonumber(ARGV[3]), tonumber(ARGV[4])
local answers, at = {}, 5

local function hasRoom(target, instance, size, added)
  local all = tonumber(call("GET", root .. "bytes") or 0) + added
  if all + size > allMax then return false end
  local lane = tonumber(call("HGET", key("lane-bytes", target), instance) or 0)
  return lane + size <= laneMax
end

while at <= #ARGV do
  local last = at
  while ARGV[last + 5] == ARGV[at] do last = last + 5 end
  local added, verdicts, refused = 0, {}, false
  for i = at, last, 5 do
    local target, instance, size = ARGV[i + 1], ARGV[i + 2], #ARGV[i + 4]
    -- An entry that would not fit in any lane is never refused: it would hold its instance up for good.
    if hasRoom(target, instance, size, added) then
      verdicts[i], added = "s", added + size
    elseif ARGV[i + 3] == "p" and size <= laneMax and size <= allMax then
      verdicts[i], refused = "f", true
      call("HINCRBY", key("stats", target), "refused", 1)
    else
      verdicts[i] = "d"
    end
  end
  for i = at, last, 5 do
    local verdict = verdicts[i]
    if refused then
      if verdict ~= "f" then verdict = "n" end
    elseif verdict == "d" then
      call("HINCRBY", key("stats", ARGV[i + 1]), "dropped", 1)
    elseif append(ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]) == 1 then
      verdict = "w"
    end
    answers[#answers + 1] = verdict
  end
  at = last + 5
end
return table.concat(answers)
