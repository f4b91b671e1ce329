--[[
  record-buckets: shared by the scripts that read or write message records. Prepended to them, returns nothing.

  Records lie in hashes ("buckets") small enough to stay a listpack, the form in which a field costs two bytes more than
  its content. Each generation (a span of time, see generationMs in message-store.ts) has its own buckets and expires as a
  whole. Their number grows by linear hashing: one bucket is split for each BUCKET_LOAD records added, so that ten
  messages take one key and ten million do not turn a bucket into a hash table (128 fields by default).

  A field is 3 hash bytes, 1 byte for direction and coding, and the packed idMessage (see record-codec.ts).
]]
local function largestPowerOf2(n)
  local power = 1
  while power * 2 <= n do power = power * 2 end
  return power
end

-- The bucket of a field among n buckets: half of a power-of-2 table is split, the rest is not yet.
local function bucketOf(field, n)
  local a, b, c = string.byte(field, 1, 3)
  local hash = a * 65536 + b * 256 + c
  local power = largestPowerOf2(n)
  local bucket = hash % (power * 2)
  if bucket >= n then bucket = bucket - power end
  return bucket
end
