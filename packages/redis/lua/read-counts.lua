--[[
  read-counts: hashes of counts by time, as they stand at one moment. Writes nothing. What META and PENDING hold: see add-pending.lua.
  KEYS[1] prefix of the instance's keys   ARGV[1] HOURS, KINDS, COHORTS, LATENCIES or LABEL_HOURS   ARGV[2], ARGV[3] first and last block
  Returns { PENDING; each hash, see hash-strings.ts: as DUMP gives it, or as MessagePack where that is refused or of another form }. O(blocks).
]]
local base, hashes = KEYS[1] .. string.sub(redis.call("HGET", KEYS[1] .. META, "epoch") or "", 9) .. ARGV[1], {}
for block = ARGV[2], ARGV[3] do
  local dump = redis.pcall("DUMP", base .. block) or ""
  local isKnown = type(dump) == "string" and string.find(DUMPED_HASHES, string.sub(dump, 1, 1), 1, true)
  hashes[#hashes + 1] = isKnown and dump or cmsgpack.pack(redis.call("HGETALL", base .. block))
end
return { redis.call("GET", KEYS[1] .. PENDING) or "", hashes }
