import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contributionOf, moveCounts, newContribution } from "../counters/contribution.ts";
import { CounterChanges } from "../counters/counter-changes.ts";
import { COUNTER_OF_SLOT, type Counter } from "../counters/counters.ts";
import { FAILURES, ORIGINS, PROGRESS, REACHED_PROGRESS } from "../index.ts";
import type { InstanceEvent } from "../messages/message-event.ts";
import type { InstanceSummary } from "../counters/counts-reader.ts";
import { sourceOfSlot } from "../counters/timed-slots.ts";
import { describeChatScopedIds } from "./describe-chat-scoped-ids.ts";
import { describeForgottenChats } from "./describe-forgotten-chats.ts";
import { describeMessageLists } from "./describe-message-lists.ts";
import { anyHistory, HISTORY_START, messageHistory, shuffledWithRepeats, storyHistory } from "./histories.ts";
import {
  applyTo,
  everything,
  NOW,
  recordsOf,
  sentAndDelivered,
  type Everything,
  type TestedStore,
} from "./store-probe.ts";

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

  describeChatScopedIds(`${name}: ids that are unique within a chat`, store, freshInstance, numRuns);
  describeForgottenChats(`${name}: forgotten chats`, store, freshInstance, numRuns);
  describeMessageLists(`${name}: lists`, store, freshInstance, numRuns);

  describe(name, () => {
    it("ends in the same records and counts in every order and with any number of repeats", async () => {
      const twoOrders = messageHistory.chain((events) => fc.tuple(fc.constant(events), shuffledWithRepeats(events)));
      const property = fc.asyncProperty(twoOrders, fc.integer({ min: 1, max: 5 }), async ([events, other], batches) => {
        const first = await everything(store(), await applied(events), events);
        const second = await everything(store(), await applied(other, batches), events);
        expect(orderFree(second)).toEqual(orderFree(first));
      });
      await check(property as never);
    });

    it("changes nothing but outcome counts when a whole history is replayed", async () => {
      const property = fc.asyncProperty(messageHistory, async (events) => {
        const instance = await applied(events);
        const once = await everything(store(), instance, events);
        await applyTo(store(), instance, events);
        const twice = await everything(store(), instance, events);
        expect(withoutOutcomes(twice)).toEqual(withoutOutcomes(once));
      });
      await check(property as never);
    });

    it("keeps a status for each of several recipients, in every order and with any number of repeats", async () => {
      const twoOrders = storyHistory.chain((events) => fc.tuple(fc.constant(events), shuffledWithRepeats(events)));
      const property = fc.asyncProperty(twoOrders, fc.integer({ min: 1, max: 5 }), async ([events, other], batches) => {
        const first = await everything(store(), await applied(events), events);
        const second = await everything(store(), await applied(other, batches), events);
        expect(orderFree(second)).toEqual(orderFree(first));
        const named = new Set(events.flatMap((event) => (event.kind === "status" ? [event.chatId] : [])));
        const shown = first.messages.flatMap((message) => message?.recipients?.map(({ chatId }) => chatId) ?? []);
        expect(shown).toEqual(named.size > 1 ? [...named].sort() : []);
      });
      await check(property as never);
    });

    it("counts the sum of what its records contribute, whatever was sent", async () => {
      const property = fc.asyncProperty(anyHistory, fc.integer({ min: 1, max: 5 }), async (events, batches) => {
        const instance = await applied(events, batches);
        const { summary, times } = await everything(store(), instance, events);
        const changes = new CounterChanges();
        for (const record of await recordsOf(store(), instance, events))
          if (record) moveCounts(newContribution(), contributionOf(record, newContribution()), changes);
        const [sum, byTime] = [new Map<Counter, number>(), new Map<string, number>()];
        changes.takeTotals((slot, by) => sum.set(nameOf(slot), by));
        changes.takeTimes((time, slot, by) =>
          byTime.set(`${String(sourceOfSlot(slot))} ${String(time)} ${String(slot)}`, by),
        );
        expect(withoutOutcomeCounts(summary)).toEqual(sum);
        expect(times).toEqual(new Map([...byTime].sort()));
      });
      await check(property as never);
    });

    it("keeps its counts consistent, whatever was sent", async () => {
      const property = fc.asyncProperty(anyHistory, async (events) => {
        const { summary, times } = await everything(store(), await applied(events), events);
        const counts = summary.counts ?? new Map<Counter, number>();
        const count = (counter: Counter) => counts.get(counter) ?? 0;
        for (const origin of ORIGINS) {
          const reached = REACHED_PROGRESS.map((status) => count(`reached/${origin}/${status}`));
          expect(reached).toEqual([...reached].sort((a, b) => b - a));
        }
        const byStatus = [...PROGRESS, ...FAILURES].reduce((sum, status) => sum + count(`status/${status}`), 0);
        expect(byStatus).toBe(ORIGINS.reduce((sum, origin) => sum + count(`messages/outgoing/${origin}`), 0));
        for (const [counter, by] of counts) expect(by, counter).toBeGreaterThanOrEqual(0);
        expect(overTime(times)).toEqual(new Map([...counts].filter(([counter]) => TIMED.test(counter))));
      });
      await check(property as never);
    });

    it("reads the same totals with and without the slower parts", async () => {
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

    it("knows when the first message was, and when the last was sent", async () => {
      const property = fc.asyncProperty(anyHistory, fc.integer({ min: 1, max: 5 }), async (events, batches) => {
        const [summary] = await store().summaries([await applied(events, batches)], NOW);
        const recorded = events.filter((event) => "idMessage" in event);
        const first = Math.min(...recorded.map(({ at }) => at));
        const sent = recorded.filter((event) => {
          return event.kind === "observation" || event.status === "sent" || "reason" in event;
        });
        const last = Math.max(first, ...sent.map(({ at }) => at));
        expect([summary?.firstMessageAt, summary?.lastMessageAt]).toEqual(
          recorded.length === 0 ? [undefined, undefined] : [first, last],
        );
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
      expect(await store().apply(batches)).toEqual([["created"], ["created", "advanced"]]);
      const [first, second] = await store().summaries([a, b], NOW);
      expect([first?.counts.get("status/sent"), second?.counts.get("status/delivered")]).toEqual([1, 1]);
    });

    it("gives one outcome per event, in order", async () => {
      const [first, second] = sentAndDelivered();
      const signal = { kind: "signal", receivedAt: HISTORY_START } as const;
      const outcomes = await applyTo(store(), freshInstance(), [second, signal, first, second]);
      expect(outcomes).toEqual(["created", "ignored", "late", "duplicate"]);
    });

    it("ignores group messages once the setting is on, and keeps what it recorded before", async () => {
      const [sent, delivered] = sentAndDelivered("120363347693198097@g.us", "3EB0", "group");
      const instance = await applied([sent]);
      await store().changeSettings(instance, { ignoreGroupMessages: true });
      expect(await applyTo(store(), instance, [delivered])).toEqual(["ignored"]);
      const [summary] = await store().summaries([instance], NOW);
      expect(summary?.counts.get("status/sent")).toBe(1);
      expect(summary?.counts.get("outcomes/ignored")).toBe(1);
      await store().changeSettings(instance, { ignoreGroupMessages: false });
      expect(await applyTo(store(), instance, [delivered])).toEqual(["advanced"]);
    });

    it("keeps the instance's own failure threshold until it is cleared, whatever else is set", async () => {
      const instance = freshInstance();
      const shown = async () => {
        const [settings] = await store().settings([instance]);
        const [totals] = await store().totals([instance]);
        return [settings?.ignoreGroupMessages, settings?.failureRatioMax, totals?.failureRatioMax];
      };
      expect(await shown()).toEqual([false, undefined, undefined]);
      await store().changeSettings(instance, { failureRatioMax: 0.35 });
      expect(await shown()).toEqual([false, 0.35, 0.35]);
      await store().changeSettings(instance, { ignoreGroupMessages: true });
      expect(await shown()).toEqual([true, 0.35, 0.35]);
      await store().changeSettings(instance, { failureRatioMax: null });
      expect(await shown()).toEqual([true, undefined, undefined]);
    });

    it("keeps the newest state of an instance, and of two in one second the one reported later", async () => {
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
      expect(await store().stateReports(instance)).toEqual([
        { state: "notAuthorized", at: at + 1 },
        { state: "starting", at: at + 5 },
        { state: "authorized", at: at + 5 },
      ]);
      // Including words beyond Latin-1, each in its own batch.
      for (const [n, word] of ["заблокирован", "приостановлен"].entries())
        await applyTo(store(), instance, [state(word, 6 + n)]);
      expect((await store().stateReports(instance)).slice(3)).toEqual([
        { state: "заблокирован", at: at + 6 },
        { state: "приостановлен", at: at + 7 },
      ]);
      expect(summary?.lastWebhookAt).toBe(at + 9);
    });
  });
}

const TIMED = /^(?:messages|reached|failures|latency)\//;

/** Everything except what depends on the number and order of events: their outcomes, and how far counts went back meanwhile. */
function orderFree({ summary, ...rest }: Everything) {
  return { ...rest, summary: { ...summary, counts: withoutOutcomeCounts(summary), retracted: undefined } };
}

function withoutOutcomes({ summary, ...rest }: Everything) {
  return { ...rest, summary: { ...summary, counts: withoutOutcomeCounts(summary) } };
}

function withoutOutcomeCounts(summary: Partial<InstanceSummary>) {
  return new Map([...(summary.counts ?? [])].filter(([counter]) => !counter.startsWith("outcomes/")));
}

function nameOf(slot: number): Counter {
  const counter = COUNTER_OF_SLOT[slot];
  if (counter === undefined) throw new RangeError(`slot ${String(slot)} counts nothing`);
  return counter;
}

/** The totals of the counters that have one. */
function overTime(times: Everything["times"]) {
  const sum = new Map<Counter, number>();
  for (const [key, by] of times) {
    const counter = COUNTER_OF_SLOT[Number(key.split(" ")[2])];
    if (counter !== undefined) sum.set(counter, (sum.get(counter) ?? 0) + by);
  }
  return sum;
}
