import {
  CHAT_KIND_INDIVIDUAL,
  chatKindCode,
  DIRECTIONS,
  failureSlot,
  hourOf,
  isActionCode,
  messagesSlot,
  messageTime,
  newRecord,
  PROGRESS,
  PROGRESS_MAX,
  RANK_SENT,
  reachedSlot,
  RECIPIENTS_MANY,
  RECIPIENTS_NONE,
  RECIPIENTS_ONE,
  SLOT_CONTRADICTIONS,
  SLOT_FAILURE_NAMED,
  SLOT_FAILURE_UNNAMED,
  SLOT_OBSERVED,
  SLOT_RANKS,
  SLOT_STATUS,
  chatSlot,
  timeOf,
  typeSlot,
  type CounterChanges,
  type MessageRecord,
  type RecipientTimes,
} from "@ticktally/core";
import { unpackChatId } from "../records/chat-codec.ts";
import { messageKey } from "../records/record-field.ts";
import { oldChatKind } from "./old-chat-kind.ts";

/** A record of layout 1 in the current form, and its contribution by the old rule. */
export interface ConvertedRecord {
  readonly record: MessageRecord;
  /** Add its contribution by the old rule, this many times. */
  readonly countByOldRule: (changes: CounterChanges, by: number) => void;
}

/**
 * Read a record of layout 1: state, origin, type, slots, flags (a byte each); for each slot its time (4 bytes) and receipt (2 bytes of
 * distance, or 4); of a failure its status and reason as characters; the packed chat.
 * @param description the gateway's text for its failure
 * @param recipients its value in RECIPIENTS; both may be empty
 */
export function convertRecord(field: Buffer, value: Buffer, description: Buffer, recipients: Buffer): ConvertedRecord {
  const { direction, idMessage } = messageKey(field);
  const record = newRecord(direction, idMessage);
  const [state = 1, origin = 0, type = 0, slots = 0, flags = 0] = value;
  record.isKnown = true;
  record.origin = origin;
  record.type = type;
  // Latencies were counted when they became known, by a rule that depended on the order of events.
  record.hasFrozenLatencies = true;
  let offset = 5;
  let failedAt: readonly [number, number] | undefined;
  for (let slot = 0; slot < OLD_SLOTS; slot++) {
    if ((slots & (1 << slot)) === 0) continue;
    const isWide = (flags & FLAG_WIDE) !== 0;
    const at = value.readUInt32BE(offset);
    const receivedAt = isWide ? value.readUInt32BE(offset + 4) : at + value.readUInt16BE(offset + 4) - RECEIPT_BIAS;
    offset += isWide ? 8 : 6;
    if (slot === OLD_SLOT_FAILURE) failedAt = [at, receivedAt];
    else setSlot(record, slot === 0 ? SLOT_OBSERVED : SLOT_RANKS + slot - 1, at, receivedAt);
  }
  const failure = failedAt && {
    status: PROGRESS_MAX + value.readUInt8(offset) - FIRST - OLD_RANKS,
    reason: value.readUInt8(offset + 1) - FIRST,
    text: description.toString("utf8"),
    code: "",
  };
  if (failedAt !== undefined) offset += 2;
  if (offset < value.length) {
    record.chatId = unpackChatId(value.subarray(offset));
    record.chatKind = oldChatKind(record.chatId);
  }
  const others = (flags & FLAG_SEVERAL) === 0 ? undefined : recipientsOf(recipients, record);
  const hasStatuses = failure !== undefined || (record.slots & ~(1 << SLOT_OBSERVED)) !== 0;
  const isOne = direction === "outgoing" && hasStatuses && record.chatKind === CHAT_KIND_INDIVIDUAL;
  record.recipients = others;
  record.recipientsKept = others !== undefined ? RECIPIENTS_MANY : isOne ? RECIPIENTS_ONE : RECIPIENTS_NONE;
  if (failure !== undefined && failedAt !== undefined) {
    const isNamed = others === undefined ? isOne : [...others.values()].some((times) => times.failure !== 0);
    record.failures[isNamed ? 0 : 1] = failure;
    setSlot(record, isNamed ? SLOT_FAILURE_NAMED : SLOT_FAILURE_UNNAMED, ...failedAt);
  }
  const failed = state > OLD_RANKS ? failure : undefined;
  const reached = (state - 1) % OLD_RANKS;
  return {
    record,
    countByOldRule: (changes, by) => {
      countByOldRule(
        record,
        { reached, failed, failedAt: failedAt?.[0] ?? 0, isContradicted: (flags & 1) !== 0 },
        changes,
        by,
      );
    },
  };
}

/** Version 0.1 had this many ranks; today's number does not matter. */
const OLD_RANKS = 6;
const FIRST = 48;
const [OLD_SLOTS, OLD_SLOT_FAILURE] = [8, 7];
const [FLAG_WIDE, FLAG_SEVERAL] = [2, 4];
const RECEIPT_BIAS = 32_768;
const LIST = chatKindCode("broadcast");

function setSlot(record: MessageRecord, slot: number, at: number, receivedAt: number): void {
  record.slots |= 1 << slot;
  record.at[slot] = at;
  record.receivedAt[slot] = receivedAt;
}

/** Layout 1 kept only each recipient's status and since when: state (1 byte), time (4), length of the chat (2), the packed chat. */
function recipientsOf(packed: Buffer, record: MessageRecord): Map<string, RecipientTimes> {
  const recipients = new Map<string, RecipientTimes>();
  // The message's own times are those of any of them.
  const all = newTimes();
  for (let rank = 0; rank < OLD_RANKS; rank++) {
    const at = timeOf(record, SLOT_RANKS + rank);
    if (at < Infinity) setRank(all, rank, at);
  }
  if (all.ranks !== 0) recipients.set("", all);
  for (let offset = 0; offset + 7 <= packed.length;) {
    const end = offset + 7 + packed.readUInt16BE(offset + 5);
    const [state, at] = [packed.readUInt8(offset), packed.readUInt32BE(offset + 1)];
    const times = newTimes();
    if (state <= OLD_RANKS) setRank(times, (state - 1) % OLD_RANKS, at);
    else {
      times.failure = PROGRESS_MAX + Math.floor((state - 1) / OLD_RANKS) - 1;
      times.failureAt = at;
    }
    recipients.set(unpackChatId(packed.subarray(offset + 7, end)), times);
    offset = end;
  }
  return recipients;
}

function newTimes(): RecipientTimes {
  return { ranks: 0, at: PROGRESS.map(() => 0), failure: 0, failureAt: 0, hash: undefined };
}

function setRank(times: RecipientTimes, rank: number, at: number): void {
  times.ranks |= 1 << rank;
  times.at[rank] = at;
}

interface OldStanding {
  readonly reached: number;
  readonly failed: { readonly status: number; readonly reason: number } | undefined;
  readonly failedAt: number;
  readonly isContradicted: boolean;
}

/**
 * The contribution of a record by the rule of layout 1, without latencies: of a failure and a proof, the one that arrived first counted.
 */
function countByOldRule(record: MessageRecord, standing: OldStanding, changes: CounterChanges, by: number): void {
  const [direction, { reached, failed, failedAt, isContradicted }] = [DIRECTIONS.indexOf(record.direction), standing];
  changes.add(typeSlot(direction, record.type), by);
  if (isActionCode(record.type)) return;
  changes.addAt(messagesSlot(direction, record.origin), hourOf(messageTime(record)), by);
  // Lists were counted as stories.
  changes.add(chatSlot(record.chatKind === LIST ? chatKindCode("status") : record.chatKind), by);
  if (record.direction === "incoming") return;
  changes.add(SLOT_STATUS + (failed?.status ?? reached), by);
  let above = Infinity;
  for (let rank = OLD_RANKS - 1; rank >= RANK_SENT; rank--) {
    if (rank > reached) continue;
    const at = timeOf(record, SLOT_RANKS + rank);
    const reachedAt = at < Infinity ? at : above;
    above = Math.min(above, at);
    if (reachedAt < Infinity) changes.addAt(reachedSlot(record.origin, rank), hourOf(reachedAt), by);
  }
  if (failed !== undefined) {
    changes.addAt(reachedSlot(record.origin, failed.status), hourOf(failedAt), by);
    changes.addAt(failureSlot(failed.status, failed.reason), hourOf(failedAt), by);
  }
  if (isContradicted) changes.add(SLOT_CONTRADICTIONS, by);
}
