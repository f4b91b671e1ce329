--[[
  read-chats: which chats an instance has messages in, as they stand at one moment, to be united with those of others. Writes nothing.

  KEYS[1] prefix of the instance's keys; META and CHATS are read, see apply-batch.lua
  ARGV[1] the first bytes that packed chat ids can have

  Returns { version, chats }. The version is another one whenever the chats may be others; nil for those of before there was one.
  The chats are for each first byte { an array of the packed ids, as MessagePack }, or the HyperLogLog as Redis stores it where there
  are more than are kept one by one. MessagePack, because a thousand replies cost both ends ten times what one long one does.
  Cost O(chats), at most UNIQUE_EXACT_MAX for each first byte. Caller: RedisChatUnion.
]]
local call = redis.call
local meta = call("HMGET", KEYS[1] .. META, "approximate", "life", "chatsVersion")
local base = KEYS[1] .. (meta[2] or "")
local chats = {}
for server in string.gmatch(ARGV[1], ".") do
  local key = base .. CHATS .. server
  local isApproximate = meta[1] and string.find(meta[1], server, 1, true)
  chats[#chats + 1] = isApproximate and (call("GET", key .. "~") or "") or { cmsgpack.pack(call("HKEYS", key)) }
end
return { meta[3] and (meta[2] or "") .. meta[3], chats }
