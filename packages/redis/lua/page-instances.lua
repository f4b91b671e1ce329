--[[
  page-instances: the first instances by name, after one of them or from the beginning.

  KEYS[1] hash name -> id   KEYS[2] sorted set of names
  ARGV[1] where to begin: "-", or "(" and a name   ARGV[2] how many

  Returns how many names there are, how many are in order, the names of the page, and their ids (nil for a name nobody has any more).
  Cost O(log names + ARGV[2]). Cluster: both keys share {registry}. Caller: RedisInstanceRegistry.page.
]]
local call = redis.call
local names = call("ZRANGEBYLEX", KEYS[2], ARGV[1], "+", "LIMIT", 0, ARGV[2])
local ids = {}
if #names > 0 then ids = call("HMGET", KEYS[1], unpack(names)) end
return { call("HLEN", KEYS[1]), call("ZCARD", KEYS[2]), names, ids }
