--[[
  read-message: one message's packed record, wherever it lies. Writes nothing, so reading does not prolong its life.

  KEYS[1] prefix of the instance's keys; META, MESSAGES and DESCRIPTIONS are read, see apply-batch.lua
  ARGV[1] now, Unix ms   ARGV[2] generation length, ms   ARGV[3] the record's field

  Returns { packed record, the gateway's words on its failure or "" }, or nil where there is none.
]]
local generation = math.max(
  math.floor(tonumber(ARGV[1]) / tonumber(ARGV[2])),
  tonumber(redis.call("HGET", KEYS[1] .. META, "generation") or 0)
)
for g = generation, generation - 2, -1 do
  local buckets = tonumber(redis.call("HGET", KEYS[1] .. META, "b" .. g) or 0)
  if buckets > 0 then
    local value = redis.call("HGET", KEYS[1] .. MESSAGES .. g .. ":" .. bucketOf(ARGV[3], buckets), ARGV[3])
    if value then return { value, redis.call("HGET", KEYS[1] .. DESCRIPTIONS .. g, ARGV[3]) or "" } end
  end
end
return nil
