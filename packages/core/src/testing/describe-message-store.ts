import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contribution, hourOf, type Counter } from "../contribution.ts";
import { DIRECTIONS, type InstanceEvent, type MessageEvent } from "../message-event.ts";
import type { MessageRecord } from "../message-record.ts";
import { FAILURES, ORIGINS, PROGRESS, REACHED_PROGRESS, type Outcome } from "../index.ts";
import type { CountsReader, InstanceSummary, MessageReader, MessageStore, SettingsStore } from "../ports.ts";
import { anyHistory, HISTORY_START, lawfulHistory, shuffledWithRepeats } from "./histories.ts";

export type TestedStore = MessageStore & MessageReader & CountsReader & SettingsStore;

/** Everything a store can be asked about an instance, for comparing two of them. */
export interface Everything {
  readonly summary: Partial<InstanceSummary>;
  readonly hours: ReadonlyMap<number, ReadonlyMap<Counter, number>>;
  readonly messages: readonly (MessageRecord | undefined)[];
}

const NOW = (HISTORY_START + 5 * 86_400) * 1000;

/** Apply events of one instance. */
export async function applyTo(
  store: MessageStore,
  instance: string,
  events: readonly InstanceEvent[],
  now = NOW,
): Promise<readonly Outcome[]> {
  const [outcomes = []] = await store.apply([{ instance, events }], now);
  return outcomes;
}

export async function everything(
  store: TestedStore,
  instance: string,
  events: readonly InstanceEvent[],
): Promise<Everything> {
  const ids = new Set(events.flatMap((event) => ("idMessage" in event ? [event.idMessage] : [])));
  const keys = [...ids].sort().flatMap((id) => DIRECTIONS.map((direction) => ({ id, direction })));
  const messages = await Promise.all(
    keys.map(async ({ id, direction }) => store.message(instance, id, direction, NOW)),
  );
  const [summary = {}] = await store.summaries([instance], NOW);
  const hours = await store.hours(instance, hourOf(HISTORY_START), hourOf(NOW / 1000));
  return { summary, hours, messages };
}

/**
 * The promises of a message store as laws over generated histories. Every implementation passes the same suite.
 * @param freshInstance an instance id that the store has never seen, on each call
 */
export function describeMessageStore(
  name: string,
  store: () => TestedStore,
  freshInstance: () => string,
  numRuns = 100,
): void {
  const check = async (property: fc.IAsyncProperty<never>) => {
    await fc.assert(property as fc.IAsyncProperty<unknown>, { numRuns });
  };
  const applied = async (events: readonly InstanceEvent[], batches = 1) => {
    const instance = freshInstance();
    const size = Math.ceil(events.length / batches);
    for (let from = 0; from < events.length; from += size) {
      await applyTo(store(), instance, events.slice(from, from + size));
    }
    return instance;
  };

  describe(name, () => {
    it("ends in the same records and counts in every order and with any number of repeats", async () => {
      const twoOrders = lawfulHistory.chain((events) => fc.tuple(fc.constant(events), shuffledWithRepeats(events)));
      const property = fc.asyncProperty(twoOrders, fc.integer({ min: 1, max: 5 }), async ([events, other], batches) => {
        const first = await everything(store(), await applied(events), events);
        const second = await everything(store(), await applied(other, batches), events);
        expect(orderFree(second)).toEqual(orderFree(first));
      });
      await check(property as never);
    });

    it("changes nothing but outcome counts when a whole history is replayed", async () => {
      const property = fc.asyncProperty(lawfulHistory, async (events) => {
        const instance = await applied(events);
        const once = await everything(store(), instance, events);
        await applyTo(store(), instance, events);
        const twice = await everything(store(), instance, events);
        expect(withoutOutcomes(twice)).toEqual(withoutOutcomes(once));
      });
      await check(property as never);
    });

    it("counts the sum of what its records contribute, whatever was sent", async () => {
      const property = fc.asyncProperty(anyHistory, fc.integer({ min: 1, max: 5 }), async (events, batches) => {
        const { summary, messages } = await everything(store(), await applied(events, batches), events);
        const sum = new Map<Counter, number>();
        for (const { counter } of messages.flatMap((record) => (record ? contribution(record) : []))) {
          sum.set(counter, (sum.get(counter) ?? 0) + 1);
        }
        expect(perMessage(summary)).toEqual(sum);
      });
      await check(property as never);
    });

    it("keeps its counts coherent, whatever was sent", async () => {
      const property = fc.asyncProperty(anyHistory, async (events) => {
        const { summary, hours } = await everything(store(), await applied(events), events);
        const counts = summary.counts ?? new Map<Counter, number>();
        const count = (counter: Counter) => counts.get(counter) ?? 0;
        for (const origin of ORIGINS) {
          const reached = REACHED_PROGRESS.map((status) => count(`reached/${origin}/${status}`));
          expect(reached).toEqual([...reached].sort((a, b) => b - a));
        }
        const byStatus = [...PROGRESS, ...FAILURES].reduce((sum, status) => sum + count(`status/${status}`), 0);
        expect(byStatus).toBe(ORIGINS.reduce((sum, origin) => sum + count(`messages/outgoing/${origin}`), 0));
        for (const [counter, by] of counts) expect(by, counter).toBeGreaterThanOrEqual(0);
        expect(overHours(hours)).toEqual(new Map([...counts].filter(([counter]) => HOURLY.test(counter))));
      });
      await check(property as never);
    });

    it("reads the same totals with and without the rest", async () => {
      const property = fc.asyncProperty(anyHistory, async (events) => {
        const instance = await applied(events);
        const [[totals], [summary]] = await Promise.all([
          store().totals([instance]),
          store().summaries([instance], NOW),
        ]);
        expect(summary).toMatchObject({ ...totals });
      });
      await check(property as never);
    });

    it("applies the events of several instances in one call, each to its own", async () => {
      const [sent, delivered] = sentAndDelivered();
      const [a, b] = [freshInstance(), freshInstance()];
      const batches = [
        { instance: a, events: [sent] },
        { instance: b, events: [sent, delivered] },
      ];
      expect(await store().apply(batches, NOW)).toEqual([["created"], ["created", "advanced"]]);
      const [first, second] = await store().summaries([a, b], NOW);
      expect([first?.counts.get("status/sent"), second?.counts.get("status/delivered")]).toEqual([1, 1]);
    });

    it("gives one outcome per event, in order", async () => {
      const [first, second] = sentAndDelivered();
      const signal = { kind: "signal", receivedAt: HISTORY_START } as const;
      const outcomes = await applyTo(store(), freshInstance(), [second, signal, first, second]);
      expect(outcomes).toEqual(["created", "ignored", "late", "duplicate"]);
    });

    it("ignores group messages from when it is told to, and keeps what it recorded", async () => {
      const [sent, delivered] = sentAndDelivered("120363347693198097@g.us");
      const instance = await applied([sent]);
      await store().changeSettings(instance, { ignoreGroupMessages: true });
      expect(await applyTo(store(), instance, [delivered])).toEqual(["ignored"]);
      const [summary] = await store().summaries([instance], NOW);
      expect(summary?.counts.get("status/sent")).toBe(1);
      expect(summary?.counts.get("outcomes/ignored")).toBe(1);
      await store().changeSettings(instance, { ignoreGroupMessages: false });
      expect(await applyTo(store(), instance, [delivered])).toEqual(["advanced"]);
    });

    it("keeps the newest state of an instance, and of two in one second the later told", async () => {
      const at = HISTORY_START;
      const state = (word: string, after: number): InstanceEvent => ({
        kind: "state",
        state: word,
        at: at + after,
        receivedAt: at + 9,
      });
      const instance = await applied([state("starting", 5), state("authorized", 5), state("notAuthorized", 1)]);
      const [summary] = await store().summaries([instance], NOW);
      expect(summary?.state).toEqual({ state: "authorized", at: at + 5 });
      expect(summary?.lastWebhookAt).toBe(at + 9);
    });
  });
}

const HOURLY = /^(messages|reached|failures)\//;
const PER_MESSAGE = /^(messages|types|chats|status|reached|failures|actions|contradictions)/;

function sentAndDelivered(chatId = "79001234567@c.us"): [MessageEvent, MessageEvent] {
  const base = {
    kind: "status",
    idMessage: "3EB0608D6A2901063D63",
    chatId,
    origin: "api",
    receivedAt: HISTORY_START + 2,
  } as const;
  return [
    { ...base, status: "sent", at: HISTORY_START },
    { ...base, status: "delivered", at: HISTORY_START + 1 },
  ];
}

/** Exempt by design §3: outcome counts, latencies (taken once, as they stood) and `lastMessageAt`. */
function orderFree({ summary, ...rest }: Everything) {
  const counts = new Map([...(summary.counts ?? [])].filter(([counter]) => PER_MESSAGE.test(counter)));
  return { ...rest, summary: { ...summary, counts, retracted: undefined, lastMessageAt: undefined } };
}

function withoutOutcomes({ summary, ...rest }: Everything) {
  const counts = new Map([...(summary.counts ?? [])].filter(([counter]) => !counter.startsWith("outcomes/")));
  return { ...rest, summary: { ...summary, counts } };
}

function perMessage(summary: Partial<InstanceSummary>) {
  return new Map([...(summary.counts ?? [])].filter(([counter]) => PER_MESSAGE.test(counter)));
}

function overHours(hours: Everything["hours"]) {
  const sum = new Map<Counter, number>();
  for (const counts of hours.values()) {
    for (const [counter, by] of counts) sum.set(counter, (sum.get(counter) ?? 0) + by);
  }
  return sum;
}
