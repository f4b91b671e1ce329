import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contributionOf, moveCounts, newContribution } from "../counters/contribution.ts";
import { CounterChanges } from "../counters/counter-changes.ts";
import { messageOf } from "./message.ts";
import type { MessageEvent } from "./message-event.ts";
import { SLOT_RANKS, type MessageRecord } from "./message-record.ts";
import { FAILURES, PROGRESS } from "./message-status.ts";
import { recipientOf, RECIPIENTS_MAX, UNNAMED } from "./recipients.ts";
import { recordOfEvents } from "../testing/record-of-events.ts";

const base = { kind: "status", idMessage: "3EB0", origin: "api" } as const;

describe("recipientOf", () => {
  it.each([
    ["79000000001@c.us", "individual", "79000000001@c.us"],
    ["79000000001@c.us", undefined, "79000000001@c.us"],
    ["1@lid", "individual", "1@lid"],
    ["10000000", "individual", "10000000"],
    ["10000000", "group", undefined],
    ["1203@g.us", "group", undefined],
    ["1203@newsletter", "channel", undefined],
    ["status@broadcast", "status", undefined],
    ["1790000001@broadcast", "broadcast", undefined],
    [undefined, undefined, undefined],
  ] as const)("of a status in %s, which is a chat of kind %s, is %s", (chatId, chatKind, recipient) => {
    const event = {
      ...base,
      status: "sent",
      at: 1,
      receivedAt: 1,
      ...(chatId === undefined ? {} : { chatId, chatKind }),
    } as const;
    expect(recipientOf(event)).toBe(recipient);
  });

  it("of a member's status in a group is the member", () => {
    const event = { ...base, chatId: "1203@g.us", chatKind: "group", recipientId: "79000000001@c.us" } as const;
    expect(recipientOf({ ...event, status: "read", at: 1, receivedAt: 1 })).toBe("79000000001@c.us");
  });

  it("of an observation is none, because its chat may be the destination and not a recipient", () => {
    const observed = {
      ...base,
      kind: "observation",
      direction: "outgoing",
      type: "text",
      at: 1,
      receivedAt: 1,
    } as const;
    expect(recipientOf({ ...observed, chatId: "79000000001@c.us" })).toBeUndefined();
  });
});

/** All fields of a record that are counted. */
function counted(record: MessageRecord) {
  const [changes, sums] = [new CounterChanges(), new Map<string, number>()];
  moveCounts(newContribution(), contributionOf(record, newContribution()), changes);
  changes.takeTotals((slot, by) => sums.set(String(slot), by));
  changes.takeTimes((hour, slot, by) => sums.set(`${String(hour)} ${String(slot)}`, by));
  return sums;
}

describe("a message to more recipients than are stored", () => {
  const idOf = (person: number) => `${String(79_000_000_000 + person)}@c.us`;

  /** One to three statuses for each person; the last ones of few persons, so that dropped recipients appear again. */
  const events = fc
    .array(
      fc.record({
        person: fc.nat(1_400),
        status: fc.constantFrom(...PROGRESS, ...FAILURES),
        at: fc.integer({ min: 1_000_000, max: 1_000_020 }),
        isUnnamed: fc.constantFrom(...Array.from({ length: 20 }, (_, i) => i === 0)),
      }),
      { minLength: 50, maxLength: 120 },
    )
    .map((some) => [
      ...Array.from({ length: 1_300 }, (_, person) => ({
        person,
        status: PROGRESS[person % PROGRESS.length] ?? "sent",
        at: 1_000_000 + (person % 17),
        isUnnamed: false,
      })),
      ...some,
    ])
    .map((all) =>
      all.map(({ person, status, at, isUnnamed }): MessageEvent => {
        const event = { ...base, at, receivedAt: at, ...(isUnnamed ? {} : { chatId: idOf(person) }) };
        const isFailure = FAILURES.some((failure) => failure === status);
        return { ...event, status, ...(isFailure ? { reason: "other" } : {}) } as MessageEvent;
      }),
    );

  it("stores the recipients with the lowest hashes and counts the same, in any order and with any repeats", () => {
    const orders = events.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all.slice(-100)], { minLength: all.length + 100 })),
    );
    fc.assert(
      fc.property(orders, fc.integer(), ([one, other], seed) => {
        const hash = (text: string) => Math.imul(Number(text.slice(0, 11)) ^ seed, 0x9e3779b1) >>> 0;
        const named = [...new Set(one.flatMap(({ chatId }) => chatId ?? []))];
        const kept = named.toSorted((a, b) => hash(a) - hash(b) || (a < b ? -1 : 1)).slice(0, RECIPIENTS_MAX);
        const records = [recordOfEvents(one, hash), recordOfEvents(other, hash)] as const;
        for (const { recipients } of records)
          expect([...(recipients?.keys() ?? [])].filter((id) => id !== UNNAMED).toSorted()).toEqual(kept.toSorted());
        expect(messageOf(records[1])).toEqual(messageOf(records[0]));
        expect(counted(records[1])).toEqual(counted(records[0]));
      }),
      { numRuns: 8 },
    );
  });

  it("treats a status of a recipient that is not stored as one without a recipient", () => {
    const hash = (text: string) => Number(text.slice(0, 11));
    const all = Array.from({ length: RECIPIENTS_MAX + 1 }, (_, person): MessageEvent => {
      return { ...base, status: "sent", at: 100, receivedAt: 100, chatId: idOf(person) };
    });
    const last = { ...base, at: 200, receivedAt: 200, chatId: idOf(RECIPIENTS_MAX) };
    const record = recordOfEvents([...all, { ...last, status: "read" }], hash);
    expect(record.recipients?.has(last.chatId)).toBe(false);
    expect(messageOf(record).status).toBe("read");
    expect(messageOf(record).recipients).toHaveLength(RECIPIENTS_MAX);
    expect(record.at[SLOT_RANKS + PROGRESS.indexOf("read")]).toBe(200);
  });
});
