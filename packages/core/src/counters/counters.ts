import { CHAT_KINDS } from "../chats/chat-id.ts";
import { FAILURE_REASONS, type FailureReason } from "../messages/failure-reason.ts";
import { LATENCY_BOUNDS_SECONDS, LATENCY_STAGES, type LatencyStage } from "./latency.ts";
import { DIRECTIONS, ORIGINS, type Direction, type KnownChatKind, type Origin } from "../messages/message-event.ts";
import { PRICE_CATEGORIES, PRICE_TYPES, type PriceCategory, type PriceType } from "../messages/message-price.ts";
import {
  FAILURES,
  FAILURES_MAX,
  OUTCOMES,
  PROGRESS,
  PROGRESS_MAX,
  RANK_SENT,
  type Failure,
  type MessageStatus,
  type Outcome,
  type ReachedStatus,
} from "../messages/message-status.ts";
import {
  ACTION_TYPES,
  MESSAGE_TYPES,
  TYPE_CODE_ACTION,
  type ActionType,
  type ContentType,
} from "../messages/message-type.ts";

/** Roll-ups that are kept per hour as well as in total. */
export type HourlyCounter =
  `messages/${Direction}/${Origin}` | `reached/${Origin}/${ReachedStatus}` | `failures/${Failure}/${FailureReason}`;

/** Roll-ups that are a sum over messages. */
export type MessageCounter =
  | HourlyCounter
  | `types/${Direction}/${ContentType}`
  | `chats/${KnownChatKind}`
  | `status/${MessageStatus}`
  | `prices/category/${PriceCategory}`
  | `prices/type/${PriceType}`
  | `actions/${Direction}/${ActionType}`
  | `latency/${LatencyStage}/${number | "sum"}`
  | "contradictions";

/** Everything that is counted for an instance; outcomes count events as they come. */
export type Counter = MessageCounter | `outcomes/${Outcome}`;

export type Counts = ReadonlyMap<Counter, number>;

/**
 * A counter is a number, its slot: an index into what stores keep. Each kind begins at its own slot and has room for more words than exist
 * today, so a new word moves nothing. The slots that most messages touch come first, because stored counts are as long as their highest
 * slot. The slots are part of the stored layout.
 */
export const SLOT_CONTRADICTIONS = 0;
export const SLOT_MESSAGES = 4;
export const SLOT_STATUS = 12;
export const SLOT_OUTCOMES = 36;
export const SLOT_CHATS = 44;
export const SLOT_REACHED = 52;
export const SLOT_TYPES = 148;
export const SLOT_LATENCY = 244;
export const SLOT_FAILURES = 324;
export const SLOT_PRICE_CATEGORIES = 644;
export const SLOT_PRICE_TYPES = 668;
/** One more than the highest slot. */
export const SLOTS_MAX = 676;

const ORIGINS_MAX = 4;
const STATUSES_MAX = PROGRESS_MAX + FAILURES_MAX;
const OUTCOMES_MAX = 8;
const CHAT_KINDS_MAX = 7;
/** From code 30 on are the types that are preferred least, see `preferredTypeCode`. */
const MESSAGE_TYPES_MAX = 30;
const ACTIONS_MAX = 16;
const TYPES_A_DIRECTION = 2 + MESSAGE_TYPES_MAX + ACTIONS_MAX;
const LATENCY_STAGES_MAX = 4;
const LATENCY_SLOTS = 20;
const LATENCY_SUM = LATENCY_SLOTS - 1;
const REASONS_MAX = 40;
const PRICE_CATEGORIES_MAX = 24;
const PRICE_TYPES_MAX = 8;

/** @param direction a place in `DIRECTIONS` */
export function messagesSlot(direction: number, origin: number): number {
  return SLOT_MESSAGES + direction * ORIGINS_MAX + origin;
}

/** The first slot of {@link messagesSlot}, and one after its last. */
export const MESSAGES_SLOTS = [messagesSlot(0, 0), messagesSlot(DIRECTIONS.length - 1, ORIGINS.length)] as const;

/** @param type a code of `contentTypeCode`, actions included */
export function typeSlot(direction: number, type: number): number {
  const place =
    type < MESSAGE_TYPES.length
      ? 1 + type
      : type >= TYPE_CODE_ACTION && type < TYPE_CODE_ACTION + ACTION_TYPES.length
        ? 1 + MESSAGE_TYPES_MAX + type - TYPE_CODE_ACTION
        : 0;
  return SLOT_TYPES + direction * TYPES_A_DIRECTION + place;
}

/** @param kind a place in `CHAT_KINDS`, or `CHAT_KIND_NONE`, which is -1 */
export function chatSlot(kind: number): number {
  return SLOT_CHATS + 1 + kind;
}

/** @param status a code of `statusCode` */
export function reachedSlot(origin: number, status: number): number {
  return SLOT_REACHED + origin * STATUSES_MAX + status;
}

/** @param failure a code of `statusCode` @param reason a place in `FAILURE_REASONS` */
export function failureSlot(failure: number, reason: number): number {
  return SLOT_FAILURES + (failure - PROGRESS_MAX) * REASONS_MAX + reason;
}

/** @param category a place in `PRICE_CATEGORIES` */
export function priceCategorySlot(category: number): number {
  return SLOT_PRICE_CATEGORIES + category;
}

/** @param type a place in `PRICE_TYPES` */
export function priceTypeSlot(type: number): number {
  return SLOT_PRICE_TYPES + type;
}

/** @param stage a place in `LATENCY_STAGES` @param bucket of `latencyBucket` */
export function latencySlot(stage: number, bucket: number): number {
  return SLOT_LATENCY + stage * LATENCY_SLOTS + bucket;
}

export function latencySumSlot(stage: number): number {
  return latencySlot(stage, LATENCY_SUM);
}

/** What each slot counts; `undefined` for unused slots. Built when the program starts, so a list that outgrew its room stops it at once. */
export const COUNTER_OF_SLOT: readonly (Counter | undefined)[] = namedSlots({
  progress: PROGRESS,
  failures: FAILURES,
  reasons: FAILURE_REASONS,
  origins: ORIGINS,
  messageTypes: MESSAGE_TYPES,
  actions: ACTION_TYPES,
});

/** A slot whose counter Prometheus shows as ever-growing. */
export const IS_GROWING: readonly boolean[] = COUNTER_OF_SLOT.map(
  (counter) => counter !== undefined && isGrowing(counter),
);

/** Whether Prometheus shows a counter as ever-growing: all per-message counters except those for attributes that are still unknown. */
export function isGrowing(counter: Counter): boolean {
  if (counter.startsWith("messages/incoming/") || counter.startsWith("latency/")) return true;
  return /^(?:messages|types|reached|failures|prices)\//.test(counter) && !/\/unknown(?:\/|$)/.test(counter);
}

/** The lists that counters are made of. */
export interface CountedLists {
  readonly progress: readonly string[];
  readonly failures: readonly string[];
  readonly reasons: readonly string[];
  readonly origins: readonly string[];
  readonly messageTypes: readonly string[];
  readonly actions: readonly string[];
}

/**
 * The counters of all slots.
 * @throws {RangeError} a list has more words than there is room for; it names the constant to raise
 */
export function namedSlots(lists: CountedLists): (Counter | undefined)[] {
  requireRoom("PROGRESS", lists.progress.length, "PROGRESS_MAX", PROGRESS_MAX);
  requireRoom("FAILURES", lists.failures.length, "FAILURES_MAX", FAILURES_MAX);
  requireRoom("FAILURE_REASONS", lists.reasons.length, "REASONS_MAX", REASONS_MAX);
  requireRoom("ORIGINS", lists.origins.length, "ORIGINS_MAX", ORIGINS_MAX);
  requireRoom("MESSAGE_TYPES", lists.messageTypes.length, "MESSAGE_TYPES_MAX", MESSAGE_TYPES_MAX);
  requireRoom("ACTION_TYPES", lists.actions.length, "ACTIONS_MAX", ACTIONS_MAX);
  requireRoom("OUTCOMES", OUTCOMES.length, "OUTCOMES_MAX", OUTCOMES_MAX);
  requireRoom("CHAT_KINDS", CHAT_KINDS.length, "CHAT_KINDS_MAX", CHAT_KINDS_MAX);
  requireRoom("PRICE_CATEGORIES", PRICE_CATEGORIES.length, "PRICE_CATEGORIES_MAX", PRICE_CATEGORIES_MAX);
  requireRoom("PRICE_TYPES", PRICE_TYPES.length, "PRICE_TYPES_MAX", PRICE_TYPES_MAX);
  requireRoom("LATENCY_STAGES", LATENCY_STAGES.length, "LATENCY_STAGES_MAX", LATENCY_STAGES_MAX);
  requireRoom("LATENCY_BOUNDS_SECONDS", LATENCY_BOUNDS_SECONDS.length + 1, "LATENCY_SLOTS", LATENCY_SUM);

  const names = Array.from<Counter | undefined>({ length: SLOTS_MAX });
  const put = (slot: number, name: string) => {
    if (slot >= SLOTS_MAX || names[slot] !== undefined)
      throw new RangeError(`Counter ${name}: slot ${String(slot)} is taken or beyond SLOTS_MAX in counters.ts.`);
    names[slot] = name as Counter;
  };
  put(SLOT_CONTRADICTIONS, "contradictions");
  const codes = [
    ...lists.progress.map((status, rank) => [status, rank] as const),
    ...lists.failures.map((status, place) => [status, PROGRESS_MAX + place] as const),
  ];
  for (const [status, code] of codes) put(SLOT_STATUS + code, `status/${status}`);
  OUTCOMES.forEach((outcome, code) => {
    put(SLOT_OUTCOMES + code, `outcomes/${outcome}`);
  });
  ["unknown", ...CHAT_KINDS].forEach((kind, place) => {
    put(SLOT_CHATS + place, `chats/${kind}`);
  });
  lists.origins.forEach((origin, code) => {
    for (const [status, reached] of codes)
      if (reached >= RANK_SENT) put(reachedSlot(code, reached), `reached/${origin}/${status}`);
    DIRECTIONS.forEach((direction, d) => {
      put(messagesSlot(d, code), `messages/${direction}/${origin}`);
    });
  });
  DIRECTIONS.forEach((direction, d) => {
    const first = SLOT_TYPES + d * TYPES_A_DIRECTION;
    ["unknown", ...lists.messageTypes].forEach((type, place) => {
      put(first + place, `types/${direction}/${type}`);
    });
    lists.actions.forEach((action, place) => {
      put(first + 1 + MESSAGE_TYPES_MAX + place, `actions/${direction}/${action}`);
    });
  });
  PRICE_CATEGORIES.forEach((category, code) => {
    put(priceCategorySlot(code), `prices/category/${category}`);
  });
  PRICE_TYPES.forEach((type, code) => {
    put(priceTypeSlot(code), `prices/type/${type}`);
  });
  LATENCY_STAGES.forEach((stage, code) => {
    for (let bucket = 0; bucket <= LATENCY_BOUNDS_SECONDS.length; bucket++)
      put(latencySlot(code, bucket), `latency/${stage}/${String(bucket)}`);
    put(latencySumSlot(code), `latency/${stage}/sum`);
  });
  lists.failures.forEach((failure, place) => {
    lists.reasons.forEach((reason, code) => {
      put(SLOT_FAILURES + place * REASONS_MAX + code, `failures/${failure}/${reason}`);
    });
  });
  return names;
}

function requireRoom(list: string, words: number, constant: string, room: number): void {
  if (words <= room) return;
  throw new RangeError(
    `${list} has ${String(words)} words, and counters.ts has room for ${String(room)}: raise ${constant} there, which moves stored counters (see docs/changing-the-rules.md).`,
  );
}
