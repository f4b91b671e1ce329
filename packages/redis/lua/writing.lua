--[[
  writing: how the scripts write that must do all or nothing. Prepended to them. The first write of a call may be refused (no memory, no
  disk, no right): it throws, and nothing is written. After it nothing is thrown: what a broken key or an access rule refuses is damage,
  and the rest is done.
]]
local damaged, isFirstWrite = false, true
local type, protectedCall = type, redis.pcall

local NUMBERS = { ["1"] = 1, ["-1"] = -1 }
local function number(digits) return NUMBERS[digits] or tonumber(digits) end

-- A refused command is reported as damage, and the reply is false.
local function try(...)
  local reply = protectedCall(...)
  if type(reply) == "table" and reply.err then
    damaged = true
    return false, reply.err
  end
  return reply
end

local REFUSALS_OF_KEYS = { "^WRONGTYPE", "^ERR hash value", "^ERR increment or decrement" }

-- Throws as long as nothing is written, but not for what one key holds: that concerns its instance only.
local function writeFirst(...)
  local reply, refusal = try(...)
  for _, ofKey in ipairs(refusal and REFUSALS_OF_KEYS or {}) do
    if string.find(refusal, ofKey) then return false end
  end
  if refusal then reply = call(...) end
  isFirstWrite = false
  return reply
end

local function write(...)
  if isFirstWrite then return writeFirst(...) end
  local reply = protectedCall(...)
  if type(reply) ~= "table" or not reply.err then return reply end
  damaged = true
  return false
end
