import { describe, expect, it } from "vitest";
import { CHAT_KINDS } from "../chats/chat-id.ts";
import {
  chatSlot,
  COUNTER_OF_SLOT,
  failureSlot,
  isGrowing,
  latencySlot,
  latencySumSlot,
  messagesSlot,
  namedSlots,
  reachedSlot,
  SLOT_STATUS,
  SLOTS_MAX,
  typeSlot,
  type CountedLists,
} from "./counters.ts";
import { FAILURE_REASONS } from "../messages/failure-reason.ts";
import { LATENCY_BOUNDS_SECONDS, LATENCY_STAGES } from "./latency.ts";
import { DIRECTIONS, ORIGINS } from "../messages/message-event.ts";
import { FAILURES, MESSAGE_STATUSES, PROGRESS, REACHED_STATUSES, statusCode } from "../messages/message-status.ts";
import { ACTION_TYPES, contentTypeCode, MESSAGE_TYPES } from "../messages/message-type.ts";

const LISTS: CountedLists = {
  progress: PROGRESS,
  failures: FAILURES,
  reasons: FAILURE_REASONS,
  origins: ORIGINS,
  messageTypes: MESSAGE_TYPES,
  actions: ACTION_TYPES,
};

/** The constant that an error names if a list has outgrown its slots. */
const CONSTANT_OF: Readonly<Record<keyof CountedLists, string>> = {
  progress: "PROGRESS_MAX",
  failures: "FAILURES_MAX",
  reasons: "REASONS_MAX",
  origins: "ORIGINS_MAX",
  messageTypes: "MESSAGE_TYPES_MAX",
  actions: "ACTIONS_MAX",
};
const LIST_NAMES = Object.keys(CONSTANT_OF) as (keyof CountedLists)[];

function withMore(list: keyof CountedLists, words: number): CountedLists {
  return { ...LISTS, [list]: [...LISTS[list], ...Array.from({ length: words }, (_, i) => `new${String(i)}`)] };
}

describe("namedSlots", () => {
  it.each(LIST_NAMES)("has a free slot for one more of %s, and moves no counter for it", (list) => {
    const names = namedSlots(withMore(list, 1));
    COUNTER_OF_SLOT.forEach((counter, slot) => {
      if (counter !== undefined) expect(names[slot]).toBe(counter);
    });
    expect(names.filter((name) => name?.includes("new0")).length).toBeGreaterThan(0);
  });

  it.each(LIST_NAMES)(
    "accepts more of %s until there is no free slot, and then names the constant to increase",
    (list) => {
      let refusal: string | undefined;
      for (let words = 1; refusal === undefined; words++) {
        try {
          const names = namedSlots(withMore(list, words)).filter((name) => name !== undefined);
          expect(new Set(names).size).toBe(names.length);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          refusal = error.message;
        }
        expect(words).toBeLessThan(SLOTS_MAX);
      }
      expect(refusal).toContain(CONSTANT_OF[list]);
    },
  );

  it("has slots for all lists at their maximum length together", () => {
    const longest: CountedLists = LIST_NAMES.reduce((lists, list) => {
      for (let words = 1; ; words++) {
        try {
          namedSlots(withMore(list, words));
        } catch {
          return { ...lists, [list]: withMore(list, words - 1)[list].map((word) => `${list}-${word}`) };
        }
      }
    }, LISTS);
    const names = namedSlots(longest).filter((name) => name !== undefined);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("the slot of a counter", () => {
  const named = (slot: number) => COUNTER_OF_SLOT[slot];

  it("has the counter's name, for messages, types, chats, statuses, failures and latencies", () => {
    DIRECTIONS.forEach((direction, d) => {
      ORIGINS.forEach((origin, o) => {
        expect(named(messagesSlot(d, o))).toBe(`messages/${direction}/${origin}`);
      });
      for (const type of [...MESSAGE_TYPES, "unknown"] as const)
        expect(named(typeSlot(d, contentTypeCode(type)))).toBe(`types/${direction}/${type}`);
      for (const action of ACTION_TYPES)
        expect(named(typeSlot(d, contentTypeCode(action)))).toBe(`actions/${direction}/${action}`);
    });
    CHAT_KINDS.forEach((kind, k) => {
      expect(named(chatSlot(k))).toBe(`chats/${kind}`);
    });
    expect(named(chatSlot(-1))).toBe("chats/unknown");
    for (const status of MESSAGE_STATUSES) expect(named(SLOT_STATUS + statusCode(status))).toBe(`status/${status}`);
    ORIGINS.forEach((origin, o) => {
      for (const status of REACHED_STATUSES)
        expect(named(reachedSlot(o, statusCode(status)))).toBe(`reached/${origin}/${status}`);
    });
    for (const failure of FAILURES)
      FAILURE_REASONS.forEach((reason, r) => {
        expect(named(failureSlot(statusCode(failure), r))).toBe(`failures/${failure}/${reason}`);
      });
    LATENCY_STAGES.forEach((stage, s) => {
      for (let bucket = 0; bucket <= LATENCY_BOUNDS_SECONDS.length; bucket++)
        expect(named(latencySlot(s, bucket))).toBe(`latency/${stage}/${String(bucket)}`);
      expect(named(latencySumSlot(s))).toBe(`latency/${stage}/sum`);
    });
  });
});

describe("isGrowing", () => {
  it.each([
    ["messages/incoming/unknown", true],
    ["messages/outgoing/api", true],
    ["messages/outgoing/unknown", false],
    ["types/incoming/image", true],
    ["types/incoming/unknown", false],
    ["reached/phone/delivered", true],
    ["reached/unknown/delivered", false],
    ["failures/failed/other", true],
    ["latency/sent_to_delivered/sum", true],
    ["status/sent", false],
    ["chats/group", false],
    ["contradictions", false],
  ] as const)("for %s is %s", (counter, isIt) => {
    expect(isGrowing(counter)).toBe(isIt);
  });
});
