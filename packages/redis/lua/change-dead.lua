--[[
  change-dead: discard dead letters, put them back into their lanes, or drop the entries of old ones, after lanes.lua.

  ARGV[1] "discard", "replay" or "expire"   ARGV[2] target   ARGV[3], ARGV[4] bytes of a lane, and of all   then ids
  Replaying puts the entry at the end of its lane; its receipt is now, so that it is tried for a day again.
  Returns for each id the instance whose lane it was put into, "1" if it is gone or was changed, else "". Cost O(bytes).
]]
local action, target, answers = ARGV[1], ARGV[2], {}
for i = 5, #ARGV do
  local id, answer = ARGV[i], ""
  local head, body = call("HGET", key("dead-heads", target), id), call("HGET", key("dead-bodies", target), id)
  if head and action == "discard" then
    removeDead(target, id)
    answer = "1"
  elseif body and action == "expire" then
    call("HDEL", key("dead-bodies", target), id)
    call("DECRBY", root .. "bytes", #body)
    answer = "1"
  elseif head and body and action == "replay" then
    local instance = cjson.decode(head).instance
    local bytes = tonumber(call("HGET", key("lane-bytes", target), instance) or 0)
    if bytes + #body <= tonumber(ARGV[3]) then
      removeDead(target, id)
      append(target, instance, string.format("%d", nowMs()) .. string.sub(body, #receiptOf(body) + 1))
      answer = instance
    end
  end
  answers[#answers + 1] = answer
end
return answers
