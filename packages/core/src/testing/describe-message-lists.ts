import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FAILURE_REASONS,
  InvalidCursorError,
  isAction,
  isWithin,
  messageOf,
  MESSAGE_STATUSES,
  MESSAGE_TYPES,
  ORIGINS,
} from "../index.ts";
import { DIRECTIONS, type InstanceEvent } from "../messages/message-event.ts";
import type { Message } from "../messages/message.ts";
import type { MessageFilter } from "../messages/message-filter.ts";
import { anyHistory, HISTORY_START } from "./histories.ts";
import { applyTo, everything, recordsOf, sentAndDelivered, type TestedStore } from "./store-probe.ts";

/** The promises of {@link MessageLister} as laws; part of `describeMessageStore`. */
export function describeMessageLists(
  name: string,
  store: () => TestedStore,
  freshInstance: () => string,
  numRuns: number,
): void {
  const applied = async (events: readonly InstanceEvent[]) => {
    const instance = freshInstance();
    await applyTo(store(), instance, events);
    return instance;
  };

  describe(name, () => {
    it("lists every message once, newest first by when they were first seen, also while others arrive", async () => {
      const property = fc.asyncProperty(anyHistory, fc.integer({ min: 1, max: 7 }), async (events, limit) => {
        const instance = await applied(events);
        const { messages } = await everything(store(), instance, events);
        const expected = messages.filter((record) => record !== undefined && !isAction(record.type));
        const found = await allPages(store(), instance, {}, limit, async (page) => {
          const [sent] = sentAndDelivered(undefined, `new-${String(page)}`);
          await applyTo(store(), instance, [sent]);
        });
        expect(found).toHaveLength(expected.length);
        expect(found).toEqual(expect.arrayContaining(expected));
      });
      await fc.assert(property, { numRuns });
    });

    it("lists what matches a filter and nothing else", async () => {
      const filters: fc.Arbitrary<MessageFilter> = fc.record(
        {
          direction: fc.constantFrom(...DIRECTIONS),
          statuses: fc.subarray([...MESSAGE_STATUSES], { minLength: 1 }),
          origin: fc.constantFrom(...ORIGINS),
          type: fc.constantFrom(...MESSAGE_TYPES, "unknown"),
          reason: fc.constantFrom(...FAILURE_REASONS),
          from: fc.integer({ min: HISTORY_START, max: HISTORY_START + 2 * 86_400 }),
          to: fc.integer({ min: HISTORY_START, max: HISTORY_START + 2 * 86_400 }),
          unchangedSince: fc.integer({ min: HISTORY_START, max: HISTORY_START + 2 * 86_400 }),
        },
        { requiredKeys: [] },
      );
      const property = fc.asyncProperty(anyHistory, filters, async (events, filter) => {
        const instance = await applied(events);
        const records = await recordsOf(store(), instance, events);
        const { direction, statuses, origin, type, reason } = filter;
        const expected = records
          .flatMap((record) => (record === undefined || !isWithin(record, filter) ? [] : [messageOf(record)]))
          .filter((message) => !isAction(message.type))
          .filter((message) => direction === undefined || message.direction === direction)
          .filter((message) => (statuses ?? origin ?? reason) === undefined || message.direction === "outgoing")
          .filter((message) => type === undefined || message.type === type)
          .filter(({ hasFailed, failure }) => reason === undefined || (hasFailed && failure?.reason === reason))
          .filter(({ status }) => statuses === undefined || statuses.includes(status))
          .filter((message) => origin === undefined || message.origin === origin);
        const found = await allPages(store(), instance, filter, 1000);
        expect(found).toHaveLength(expected.length);
        expect(found).toEqual(expect.arrayContaining(expected));
      });
      await fc.assert(property, { numRuns });
    });

    it("refuses a cursor it did not give", async () => {
      const instance = await applied(sentAndDelivered());
      const query = { filter: {}, limit: 5, cursor: "x'; DROP" };
      await expect(store().list(instance, query)).rejects.toThrow(InvalidCursorError);
    });

    it("lists the most recent failed messages, newest first, without those that were delivered despite a failure", async () => {
      const time = { at: HISTORY_START, receivedAt: HISTORY_START };
      const base = { kind: "status", origin: "api", ...time } as const;
      const failed = (idMessage: string): InstanceEvent => ({ ...base, idMessage, status: "failed", reason: "other" });
      const delivered: InstanceEvent = { ...base, idMessage: "b", status: "delivered", at: HISTORY_START - 1 };
      const later: InstanceEvent = { ...failed("c"), at: HISTORY_START + 1 } as InstanceEvent;
      const instance = await applied([later, failed("d"), delivered, failed("b"), failed("a"), failed("d")]);
      const failures = await store().recentFailures(instance);
      expect(failures.map(({ idMessage }) => idMessage)).toEqual(["c", "a", "d"]);
    });
  });
}

/** All messages of a list, page by page. @param between called after each page */
async function allPages(
  store: TestedStore,
  instance: string,
  filter: MessageFilter,
  limit: number,
  between: (page: number) => Promise<void> = async () => Promise.resolve(),
): Promise<Message[]> {
  const found: Message[] = [];
  let cursor: string | undefined;
  for (let page = 1; page === 1 || cursor !== undefined; page++) {
    const query = { filter, limit, ...(cursor === undefined ? {} : { cursor }) };
    const { messages, nextCursor } = await store.list(instance, query);
    expect(messages.length).toBeLessThanOrEqual(limit);
    found.push(...messages.map(messageOf));
    cursor = nextCursor;
    await between(page);
  }
  return found;
}
