--[[
  read-chats: which chats an instance has messages in, as they stand at one moment, to be united with those of others. Writes nothing.

  KEYS[1] prefix of the instance's keys; META and CHATS are read, see commit-batch.lua   ARGV[1] characters of the kinds of chat

  Returns { version, chats }. The version is another one whenever the chats may be others. The chats are for each kind { an array of the
  packed ids, as MessagePack }, or the HyperLogLog as Redis stores it where there are more than are kept one by one. MessagePack, because
  a thousand replies cost both ends ten times what one long one does. Cost O(chats), at most UNIQUE_EXACT_MAX of each kind.
]]
local call = redis.call
local meta = call("HMGET", KEYS[1] .. META, "approximate", "epoch", "chatsVersion")
local epoch, chats = string.sub(meta[2] or "", 9), {}
for kind in string.gmatch(ARGV[1], ".") do
  local key = KEYS[1] .. epoch .. CHATS .. kind
  local isApproximate = meta[1] and string.find(meta[1], kind, 1, true)
  chats[#chats + 1] = isApproximate and (call("GET", key .. "~") or "") or { cmsgpack.pack(call("HKEYS", key)) }
end
return { meta[3] and epoch .. meta[3], chats }
