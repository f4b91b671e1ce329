import {
  ACTION_TYPES,
  contentTypeOfCode,
  DIRECTIONS,
  FAILURE_REASONS,
  FAILURES,
  isAction,
  isGrowing,
  LATENCY_BOUNDS_SECONDS,
  LATENCY_STAGES,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  ORIGINS,
  OUTCOMES,
  REACHED_STATUSES,
  TYPE_CODE_UNKNOWN,
  type ContentType,
  type Counter,
  type Counts,
} from "@ticktally/core";
import { CHAT_FIRST_BYTES, kindOfFirstByte } from "./chat-codec.ts";
import { HOURS_A_KEY } from "./keys.ts";

/**
 * Where counts lie: COUNTS is a string of numbers of 48 bits, and a counter's slot is its place in it. Each kind begins at
 * a slot of its own and has room for more words than there are, so that new words move nothing. What is touched by most
 * messages comes first, because the string is as long as its highest slot.
 */
export const SLOTS = {
  SLOT_CONTRADICTIONS: 0,
  SLOT_MESSAGES: 1,
  STRIDE_MESSAGES: 3,
  SLOT_STATUS: 8,
  SLOT_OUTCOME: 20,
  SLOT_CHAT: 28,
  SLOT_CHAT_UNKNOWN: 43,
  SLOT_REACHED: 44,
  STRIDE_REACHED: 12,
  SLOT_TYPE: 80,
  STRIDE_TYPE: 32,
  SLOT_LATENCY: 144,
  STRIDE_LATENCY: 20,
  LATENCY_SUM: 19,
  SLOT_FAILURE: 204,
  STRIDE_FAILURE: 24,
  /** How far a growing counter went back is kept so much further. */
  SLOT_RETRACTED: 300,
} as const;
const SLOT_BYTES = 6;
export const SLOT_BITS = `u${String(8 * SLOT_BYTES)}`;

/** A character for each code of a content type: 48 + its place in the type slots. */
export const TYPE_SLOTS = Array.from({ length: TYPE_CODE_UNKNOWN + 1 }, (_, code) => {
  return String.fromCharCode(48 + typeSlot(contentTypeOfCode(code)));
}).join("");

const COUNTERS: readonly (Counter | undefined)[] = countersBySlot();

/** A character a slot: 1 if its counter is one that Prometheus shows as ever-growing. */
export const GROWING = Array.from(COUNTERS, (counter) => (counter && isGrowing(counter) ? "1" : "0")).join("");

/** @param stored the string at COUNTS; empty for an instance that nothing was counted of */
export function decodeCounts(stored: Buffer): { counts: Counts; retracted: Counts } {
  const counts = new Map<Counter, number>();
  const retracted = new Map<Counter, number>();
  for (let slot = 0; (slot + 1) * SLOT_BYTES <= stored.length; slot++) {
    const value = stored.readUIntBE(slot * SLOT_BYTES, SLOT_BYTES);
    const counter = COUNTERS[slot % SLOTS.SLOT_RETRACTED];
    if (value === 0 || counter === undefined) continue;
    const into = slot < SLOTS.SLOT_RETRACTED ? counts : retracted;
    into.set(counter, (into.get(counter) ?? 0) + value);
  }
  return { counts, retracted };
}

/** @param key the number of an hours key @param fields its hash @param into hour → counts; is added to */
export function decodeHours(
  key: number,
  fields: Readonly<Record<string, string>>,
  into: Map<number, Map<Counter, number>>,
): void {
  for (const [field, value] of Object.entries(fields)) {
    const [place = 0, high = 0, low = 0] = Array.from(field, (character) => character.charCodeAt(0) - 48);
    const counter = COUNTERS[high * 64 + low];
    if (counter === undefined || Number(value) === 0) continue;
    const counts = into.get(key * HOURS_A_KEY + place) ?? new Map<Counter, number>();
    into.set(key * HOURS_A_KEY + place, counts);
    counts.set(counter, (counts.get(counter) ?? 0) + Number(value));
  }
}

/** 0 for unknown, message types from 1 on, actions from 28 on. */
function typeSlot(type: ContentType): number {
  if (type === "unknown") return 0;
  return isAction(type) ? 28 + ACTION_TYPES.indexOf(type) : 1 + MESSAGE_TYPES.indexOf(type);
}

function countersBySlot(): (Counter | undefined)[] {
  const bySlot = Array.from<Counter | undefined>({ length: SLOTS.SLOT_RETRACTED });
  const put = (slot: number, counter: Counter) => {
    if (bySlot[slot] !== undefined) throw new RangeError(`slot ${String(slot)} is taken`);
    bySlot[slot] = counter;
  };
  put(SLOTS.SLOT_CONTRADICTIONS, "contradictions");
  MESSAGE_STATUSES.forEach((status, i) => {
    put(SLOTS.SLOT_STATUS + i, `status/${status}`);
  });
  OUTCOMES.forEach((outcome, i) => {
    put(SLOTS.SLOT_OUTCOME + i, `outcomes/${outcome}`);
  });
  CHAT_FIRST_BYTES.forEach((byte, i) => {
    put(SLOTS.SLOT_CHAT + i, `chats/${kindOfFirstByte(byte)}`);
  });
  put(SLOTS.SLOT_CHAT_UNKNOWN, "chats/unknown");
  ORIGINS.forEach((origin, i) => {
    for (const status of REACHED_STATUSES) {
      const slot = SLOTS.SLOT_REACHED + i * SLOTS.STRIDE_REACHED + MESSAGE_STATUSES.indexOf(status);
      put(slot, `reached/${origin}/${status}`);
    }
    DIRECTIONS.forEach((direction, d) => {
      put(SLOTS.SLOT_MESSAGES + d * SLOTS.STRIDE_MESSAGES + i, `messages/${direction}/${origin}`);
    });
  });
  DIRECTIONS.forEach((direction, d) => {
    const at = SLOTS.SLOT_TYPE + d * SLOTS.STRIDE_TYPE;
    for (const type of [...MESSAGE_TYPES, "unknown"] as const) put(at + typeSlot(type), `types/${direction}/${type}`);
    for (const type of ACTION_TYPES) put(at + typeSlot(type), `actions/${direction}/${type}`);
  });
  LATENCY_STAGES.forEach((stage, i) => {
    const at = SLOTS.SLOT_LATENCY + i * SLOTS.STRIDE_LATENCY;
    for (let bucket = 0; bucket <= LATENCY_BOUNDS_SECONDS.length; bucket++)
      put(at + bucket, `latency/${stage}/${bucket}`);
    put(at + SLOTS.LATENCY_SUM, `latency/${stage}/sum`);
  });
  FAILURES.forEach((failure, i) => {
    FAILURE_REASONS.forEach((reason, r) => {
      put(SLOTS.SLOT_FAILURE + i * SLOTS.STRIDE_FAILURE + r, `failures/${failure}/${reason}`);
    });
  });
  return bySlot;
}
