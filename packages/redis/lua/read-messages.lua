--[[
  read-messages: packed records, wherever they lie. Writes nothing, so reading does not prolong their life.

  KEYS[1] prefix of the instance's keys; META, MESSAGES, DESCRIPTIONS and RECIPIENTS are read, see apply-batch.lua
  ARGV[1] now, Unix ms   ARGV[2] generation length, ms   ARGV[3…] the records' fields; none for those of FAILED

  Returns for each that is there { field, packed record, the gateway's words on its failure or "", packed recipients or "" }.
]]
local fields = {}
for i = 3, #ARGV do fields[i - 2] = ARGV[i] end
openInstance(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]))
if #fields == 0 then fields = redis.call("LRANGE", base .. FAILED, 0, -1) end
local found = {}
for _, field in ipairs(fields) do
  for g = generation, generation - 2, -1 do
    local value = recordIn(g, field)
    if value then
      found[#found + 1] = withDetails(g, field, value)
      break
    end
  end
end
return found
