--[[
  apply-batch: apply events of one or several instances to their message records and roll-ups; the only writer of these
  keys. Of an instance all or nothing: everything is worked out and packed first, then written, and Redis refuses a script
  for want of memory or disk only before its first write.

  KEYS[i] prefix of instance i's keys. To it are added, as named in keys.ts:
    META               hash: head (see instance-head.lua), settings, gateway state, life
    COUNTS             hash: counter field -> integer >= 0; the fields are in counter-codec.ts
  and after the life that META tells, "" for most (see forget-instance.lua):
    MESSAGES           + generation ":" bucket -> hash of packed records, see record-buckets.lua
    DESCRIPTIONS       + generation -> hash: record field -> the gateway's own words on a failure
    RECIPIENTS         + generation -> hash: record field -> state, time and chat of each recipient, see recipients.lua
    HEARD              + generation ":" day -> list: record fields in the order in which messages were first heard of
    FAILED             list: record fields of the messages that failed last, newest first, at most FAILED_KEPT
    HOURS              + hour / HOURS_A_KEY -> hash: hour % HOURS_A_KEY as one character, counter field -> integer
    DAYS               + day / DAYS_A_KEY -> hash: day -> messages of that day by their own time
    CHATS              + first byte -> hash: packed chat id -> its messages; past UNIQUE_EXACT_MAX a HyperLogLog at the
                       same + "~" instead

  ARGV[1] now, Unix ms; only decides generations      ARGV[2] generation length, ms > 0
  ARGV[3] what happened, for each instance one after the other, packed as BATCH and EVENT in apply-events.lua (see event-codec.ts):
    last receipt, Unix s; time of the gateway state, Unix s; the state, "" for none; bytes of events; message events

  Above this text stand the constants that core and keys.ts hand over: RULES (the transition table, two characters a cell:
  next state, outcome) and the others in capitals.

  Returns for each instance one outcome character per message event and one of the state, OUTCOME_NONE if none was told; all
  in one string, because each element of a reply costs both ends more than its bytes do.
  Cost O(events). In a cluster: one instance a call, its keys share a {tag}. Caller: RedisMessageStore.apply.
]]
local position, batches = 1, ARGV[3]
for i = 1, #KEYS do
  local lastReceipt, stateAt, state, bytes, start = unpackStruct(BATCH, batches, position)
  position = start + bytes
  begin(KEYS[i])
  applyEvents(batches, start, position)
  saveRecords()
  drain(chats, saveChat)
  saveCounts()
  outcomeCount = outcomeCount + 1
  outcomes[outcomeCount] = takeState(state, stateAt)
  saveMeta(lastReceipt)
  finish()
end
return table.concat(outcomes)
