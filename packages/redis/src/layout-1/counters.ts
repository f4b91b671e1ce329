import {
  chatSlot,
  CHAT_KINDS,
  failureSlot,
  latencySlot,
  messagesSlot,
  PROGRESS_MAX,
  reachedSlot,
  SLOT_CONTRADICTIONS,
  SLOT_OUTCOMES,
  SLOT_STATUS,
  TYPE_CODE_ACTION,
  TYPE_CODE_UNKNOWN,
  typeSlot,
} from "@ticktally/core";

/** Offset of the steps back in the same string. */
export const OLD_SLOT_RETRACTED = 300;

/** The current slot of a counter of layout 1; `undefined` for one that counted nothing. */
export function slotOfOld(slot: number): number | undefined {
  if (slot === 0) return SLOT_CONTRADICTIONS;
  if (slot < 7) return messagesSlot(Math.floor((slot - 1) / 3), (slot - 1) % 3);
  if (slot >= 8 && slot < 18) return SLOT_STATUS + statusOfOld(slot - 8);
  if (slot >= 20 && slot < 26) return SLOT_OUTCOMES + slot - 20;
  if (slot >= 28 && slot < 42)
    return chatSlot(CHAT_KINDS.indexOf(KIND_OF_SERVER[Math.floor((slot - 28) / 2)] ?? "individual"));
  if (slot === 43) return chatSlot(-1);
  if (slot >= 44 && slot < 80) return reachedSlot(Math.floor((slot - 44) / 12), statusOfOld((slot - 44) % 12));
  if (slot >= 80 && slot < 144) return typeSlot(Math.floor((slot - 80) / 32), typeOfOld((slot - 80) % 32));
  if (slot >= 144 && slot < 204) return latencySlot(Math.floor((slot - 144) / 20), (slot - 144) % 20);
  if (slot >= 204 && slot < OLD_SLOT_RETRACTED)
    return failureSlot(PROGRESS_MAX + Math.floor((slot - 204) / 24), (slot - 204) % 24);
  return undefined;
}

/** By the first byte of packed chats, see chat-codec.ts: group, channel, stories and lists, then people. */
const KIND_OF_SERVER = ["group", "channel", "status"] as const;

/** Version 0.1 had this many ranks; today's number does not matter. */
const OLD_RANKS = 6;

function statusOfOld(status: number): number {
  return status < OLD_RANKS ? status : PROGRESS_MAX + status - OLD_RANKS;
}

function typeOfOld(place: number): number {
  if (place === 0) return TYPE_CODE_UNKNOWN;
  return place >= 28 ? TYPE_CODE_ACTION + place - 28 : place - 1;
}
