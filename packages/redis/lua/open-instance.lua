--[[
  open-instance: what the scripts that only read messages share. Prepended to them, after record-buckets.
]]
local root, base, generation, bucketCounts

local function openInstance(prefix, now, generationMs)
  root = prefix
  local meta = redis.call("HMGET", root .. META, "generation", "life")
  base = root .. (meta[2] or "")
  generation = math.max(math.floor(now / generationMs), tonumber(meta[1] or 0))
  bucketCounts = {}
  for g = generation - 2, generation do bucketCounts[g] = tonumber(redis.call("HGET", root .. META, "b" .. g) or 0) end
end

local function recordIn(g, field)
  if bucketCounts[g] == 0 then return false end
  return redis.call("HGET", base .. MESSAGES .. g .. ":" .. bucketOf(field, bucketCounts[g]), field)
end

-- Two bits in a record tell whether there is more of it elsewhere: a failure in its mask, several recipients in its flags.
local function withDetails(g, field, value)
  local mask, flags = string.byte(value, 4, 5)
  local description = mask >= 128 and redis.call("HGET", base .. DESCRIPTIONS .. g, field) or ""
  local recipients = flags >= 4 and redis.call("HGET", base .. RECIPIENTS .. g, field) or ""
  return { field, value, description, recipients }
end
