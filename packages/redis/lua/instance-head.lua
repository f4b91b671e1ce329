--[[
  instance-head: what nearly every call needs of an instance, as one packed field of META: generation (6 bytes), its buckets
  and records, the buckets of the two generations before, first and last event time, last receipt (4 bytes each). One field
  is read and written in a third of the time of eight. Prepended to the scripts that read it; message-store.ts reads the
  last receipt too.
]]
local HEAD = ">I6I4I4I4I4I4I4I4"
local NO_TIME = 4294967295

-- Returns generation (nil before the first message), buckets, records, buckets before, and before that, first (NO_TIME for
-- none), last, heard.
local function unpackHead(packed)
  if not packed then return nil, 0, 0, 0, 0, NO_TIME, 0, 0 end
  return struct.unpack(HEAD, packed)
end

-- The buckets of a generation and of the two before it, when those of a stored generation are known.
local function bucketsSince(known, generation, b0, b1, b2)
  local passed = known and generation - known or 0
  if passed == 0 then return b0, b1, b2 end
  if passed == 1 then return 0, b0, b1 end
  return 0, 0, passed == 2 and b0 or 0
end
