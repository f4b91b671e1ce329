--[[
  add-token: give a known instance a token; the one before stays valid, so that programs can change over without a gap.

  KEYS[1] hash id -> name
  KEYS[2] hash token digest -> id    KEYS[3] hash id -> its token digests, newest first, separated by spaces
  ARGV[1] the instance's id          ARGV[2] the digest   ARGV[3] tokens valid at a time

  Returns "added" or "unknown". Cost O(ARGV[3]). Cluster: all keys share {registry}.
]]
local call, id = redis.call, ARGV[1]
if call("HEXISTS", KEYS[1], id) == 0 then return "unknown" end
local valid = { ARGV[2] }
for digest in string.gmatch(call("HGET", KEYS[3], id) or "", "%S+") do
  if #valid < tonumber(ARGV[3]) and digest ~= ARGV[2] then
    valid[#valid + 1] = digest
  elseif digest ~= ARGV[2] then
    call("HDEL", KEYS[2], digest)
  end
end
call("HSET", KEYS[2], ARGV[2], id)
call("HSET", KEYS[3], id, table.concat(valid, " "))
return "added"
