--[[
  forget-instance: make an instance one that was never heard of, see forget-life.lua.

  KEYS[1] prefix of the instance's keys   Returns 1 if there was something to forget.
]]
return forgetLife(KEYS[1])
