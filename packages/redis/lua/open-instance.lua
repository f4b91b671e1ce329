--[[
  open-instance: what the scripts that only read messages share. Prepended to them, after record-buckets.
]]
local root, base, generation, bucketCounts

local function openInstance(prefix, now, generationMs)
  root = prefix
  local meta = redis.call("HMGET", root .. META, "head", "life")
  base = root .. (meta[2] or "")
  local known, buckets, _, before, beforeThat = unpackHead(meta[1])
  generation = math.max(math.floor(now / generationMs), known or 0)
  bucketCounts = {}
  bucketCounts[generation], bucketCounts[generation - 1], bucketCounts[generation - 2] =
    bucketsSince(known, generation, buckets, before, beforeThat)
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
