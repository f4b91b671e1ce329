--[[
  recipients: the statuses of single recipients of a message that has several, as core's recipientsAfter tells them apart.
  Part of apply-batch, after message-counts. In RECIPIENTS a message has one value: for each recipient state (1 byte), time
  (4), length of the packed chat (2), the chat.
]]
local RECIPIENT = ">BI4Hc0"

local function isPerson(chat) return find(CHATS_OF_PERSONS, sub(chat, 1, 1), 1, true) end

-- A hidden number and a phone number may be one person, so only ids of one server are told apart.
local function areApart(known, chat, isStatus)
  if known == "" or chat == "" or known == chat or #known == 1 then return false end
  local wasPerson, person = isPerson(known), isPerson(chat)
  if wasPerson and person then return isStatus and floor(byte(known) / 2) == floor(byte(chat) / 2) end
  return wasPerson or (person and isStatus)
end

local function encodeRecipients(recipients)
  local parts = {}
  for chat, recipient in pairs(recipients) do
    parts[#parts + 1] = pack(RECIPIENT, recipient.state, recipient.at, #chat, chat)
  end
  return table.concat(parts)
end

-- Read into an entry what is stored of its recipients.
local function loadRecipients(entry)
  if entry.recipients then return end
  entry.recipients = {}
  local value = call("HGET", base .. RECIPIENTS .. entry.generation, entry.field) or ""
  local position, state, at, chat = 1, nil, nil, nil
  while position <= #value do
    state, at, chat, position = unpackStruct(RECIPIENT, value, position)
    entry.recipients[chat] = { state = state, at = at }
  end
end

-- The code of the status a state shows: its failure if there is one, else the rank reached.
local function statusOf(state) return state > 6 and 5 + floor((state - 1) / 6) or (state - 1) % 6 end

-- Take what an event tells of one recipient; before it moves the record. `status` is false for an observation.
local function takeRecipient(entry, status, at, chat)
  local record = entry.record
  if not record.several then
    if record.chat == chat then return end
    if not areApart(record.chat, chat, status and true) then return end
    record.several, entry.recipients, entry.isToldApart = true, {}, true
    local told = record.at[record.state > 6 and FAILED_AT or (record.state - 1) % 6 + 1]
    if told and isPerson(record.chat) then entry.recipients[record.chat] = { state = record.state, at = told } end
  end
  if not status or chat == "" or not isPerson(chat) then return end
  loadRecipients(entry)
  entry.isToldApart = true
  local own = entry.recipients[chat]
  local state = byte(RULES, ((own and own.state or 0) * 10 + status) * 2 + 1) - 48
  if not own or statusOf(own.state) ~= statusOf(state) then
    own = { at = at }
  elseif status == statusOf(state) and at < own.at then
    own.at = at
  end
  own.state = state
  entry.recipients[chat] = own
end
