import type { InstanceEvent, InstanceEvents, MessageStore, Outcome } from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { GroupedStore } from "./grouped-store.ts";

/** Answers when told to; the outcome of an event tells its receipt, so that mixing them up shows. */
class HeldStore implements MessageStore {
  readonly calls: { batches: readonly InstanceEvents[]; finish: (error?: Error) => void }[] = [];

  async apply(batches: readonly InstanceEvents[]): Promise<readonly (readonly Outcome[])[]> {
    return new Promise((resolve, reject) => {
      const outcomes = batches.map(({ events }) => events.map((event) => OUTCOMES[event.receivedAt] ?? "ignored"));
      this.calls.push({ batches, finish: (error) => (error ? reject(error) : resolve(outcomes)) });
    });
  }
}

const OUTCOMES: readonly Outcome[] = ["created", "advanced", "duplicate", "late"];
const event = (receivedAt: number): InstanceEvent => ({ kind: "signal", receivedAt });
const turn = async () => new Promise((resolve) => setImmediate(resolve));

describe("GroupedStore", () => {
  it("sends the first batch at once and merges what comes meanwhile by instance", async () => {
    const held = new HeldStore();
    const store = new GroupedStore(held);
    const first = store.apply([{ instance: "1", events: [event(0)] }], 0);
    const second = store.apply([{ instance: "1", events: [event(1)] }], 0);
    const third = store.apply(
      [
        { instance: "2", events: [event(3)] },
        { instance: "1", events: [event(2), event(0)] },
      ],
      0,
    );
    held.calls[0]?.finish();
    expect(await first).toEqual([["created"]]);
    await turn();
    expect(held.calls[1]?.batches.map(({ instance, events }) => [instance, events.length])).toEqual([
      ["1", 3],
      ["2", 1],
    ]);
    held.calls[1]?.finish();
    expect(await second).toEqual([["advanced"]]);
    expect(await third).toEqual([["late"], ["duplicate", "created"]]);
  });

  it("tells every job of a failed call, and goes on", async () => {
    const held = new HeldStore();
    const store = new GroupedStore(held);
    const error = new Error("full");
    const first = store.apply([{ instance: "1", events: [event(0)] }], 0);
    held.calls[0]?.finish(error);
    await expect(first).rejects.toBe(error);
    const next = store.apply([{ instance: "1", events: [event(1)] }], 0);
    await turn();
    held.calls[1]?.finish();
    expect(await next).toEqual([["advanced"]]);
  });

  it("sends a thousand events in one call and no more, but a larger batch whole", async () => {
    const held = new HeldStore();
    const store = new GroupedStore(held);
    const batchOf = (size: number) => [{ instance: "1", events: Array.from({ length: size }, () => event(0)) }];
    const sizes = [1500, 600, 400, 1, 1001];
    const jobs = sizes.map(async (size) => store.apply(batchOf(size), 0));
    for (let i = 0; i < 4; i++) {
      await turn();
      held.calls[i]?.finish();
    }
    const answers = await Promise.all(jobs);
    expect(answers.map(([outcomes]) => outcomes?.length)).toEqual(sizes);
    expect(held.calls.map(({ batches }) => batches[0]?.events.length)).toEqual([1500, 1000, 1, 1001]);
  });
});
