--[[
  change-keys: what some keys hold at one moment; and, if that is what it was before, commands that write, in the same moment. So rare
  operations are decided in TypeScript, see key-commands.ts. If a writing command is refused, those before it are already done.

  KEYS[1] one of the keys; of an instance the prefix of its keys
  ARGV[1] commands that read: MessagePack, one array, of each its length, name, key ("@" for an instance's prefix and epoch) and arguments
  ARGV[2] SHA-1 of the answers that ARGV[3] was decided on, "" to read only
  ARGV[3] commands that write
  ARGV[4] if given, Unix ms by this server's clock after which nothing is written

  Returns the answers of ARGV[1] as MessagePack, `false` for nil; in an array those of ARGV[3] once it is done; nil if it is too late.
  Cluster: all keys share a {tag}.
]]
local call, base = redis.call, nil

local function nameOf(key)
  if not key or string.sub(key, 1, 1) ~= "@" then return key end
  base = base or KEYS[1] .. string.sub(call("HGET", KEYS[1] .. META, "epoch") or "", 9)
  return base .. string.sub(key, 2)
end

local function run(commands)
  local args, at, answers = cmsgpack.unpack(commands), 1, {}
  while at < #args do
    local first, last = at + 1, at + args[at]
    args[first + 1] = nameOf(args[first + 1])
    local answer = call(unpack(args, first, last))
    answers[#answers + 1] = type(answer) == "table" and answer.ok or answer
    at = last + 1
  end
  return cmsgpack.pack(answers)
end

local answers = run(ARGV[1])
if redis.sha1hex(answers) ~= ARGV[2] then return answers end
local time = call("TIME")
if ARGV[4] and time[1] * 1000 + time[2] / 1000 > tonumber(ARGV[4]) then return false end
return { run(ARGV[3]) }
