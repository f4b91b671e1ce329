import type { InstanceEvent, InstanceEvents, MessageStore, Outcome } from "@ticktally/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { GroupedStore } from "./grouped-store.ts";

/** A store that answers when the test says so. The outcome of an event contains its receipt, so that mix-ups are visible. */
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
const batchOf = (size: number) => [{ instance: "1", events: Array.from({ length: size }, () => event(0)) }];
/** The time for which the store waits for further jobs. */
const pause = async () => vi.advanceTimersByTimeAsync(100);
const sizesOf = ({ calls }: HeldStore) =>
  calls.map(({ batches }) => batches.reduce((sum, { events }) => sum + events.length, 0));

const JOBS_MAX = 32;

describe("GroupedStore", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends the first batch at once and merges what arrives meanwhile by instance", async () => {
    const held = new HeldStore();
    const store = new GroupedStore(held, JOBS_MAX);
    const first = store.apply([{ instance: "1", events: [event(0)] }]);
    const second = store.apply([{ instance: "1", events: [event(1)] }]);
    const third = store.apply([
      { instance: "2", events: [event(3)] },
      { instance: "1", events: [event(2), event(0)] },
    ]);
    held.calls[0]?.finish();
    expect(await first).toEqual([["created"]]);
    await pause();
    expect(held.calls[1]?.batches.map(({ instance, events }) => [instance, events.length])).toEqual([
      ["1", 3],
      ["2", 1],
    ]);
    held.calls[1]?.finish();
    expect(await second).toEqual([["advanced"]]);
    expect(await third).toEqual([["late"], ["duplicate", "created"]]);
  });

  it("merges batches that arrive within 100 ms of the last call, and does not wait after a longer pause", async () => {
    const held = new HeldStore();
    const store = new GroupedStore(held, JOBS_MAX);
    const apply = (size: number) => void store.apply(batchOf(size));
    apply(1);
    expect(sizesOf(held)).toEqual([1]);
    held.calls[0]?.finish();
    apply(2);
    await vi.advanceTimersByTimeAsync(99);
    apply(3);
    expect(sizesOf(held)).toEqual([1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(sizesOf(held)).toEqual([1, 5]);
    held.calls[1]?.finish();
    await pause();
    apply(4);
    expect(sizesOf(held)).toEqual([1, 5, 4]);
  });

  it.each([
    { why: "two thousand events are waiting", sizes: [1, 1999, 1], jobsMax: JOBS_MAX, sent: [1, 2000] },
    { why: "all jobs in progress are waiting", sizes: [1, 2, 3], jobsMax: 2, sent: [1, 5] },
  ])("stops waiting once $why", async ({ sizes, jobsMax, sent }) => {
    const held = new HeldStore();
    const store = new GroupedStore(held, jobsMax);
    for (const size of sizes) {
      void store.apply(batchOf(size));
      held.calls[0]?.finish();
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(sizesOf(held)).toEqual(sent);
  });

  it("reports a failed call to its own jobs only, and continues", async () => {
    const held = new HeldStore();
    const store = new GroupedStore(held, JOBS_MAX);
    const error = new Error("full");
    const first = store.apply([{ instance: "1", events: [event(0)] }]);
    const together = [store.apply([{ instance: "1", events: [event(1)] }]), store.apply(batchOf(1))];
    held.calls[0]?.finish();
    expect(await first).toEqual([["created"]]);
    await pause();
    held.calls[1]?.finish(error);
    for (const job of together) await expect(job).rejects.toBe(error);
    const next = store.apply([{ instance: "1", events: [event(1)] }]);
    await pause();
    held.calls[2]?.finish();
    expect(await next).toEqual([["advanced"]]);
  });

  it("sends at most two thousand events in one call, except for a larger batch", async () => {
    const held = new HeldStore();
    const store = new GroupedStore(held, JOBS_MAX);
    const sizes = [2500, 1600, 400, 1, 2001];
    const jobs = sizes.map(async (size) => store.apply(batchOf(size)));
    for (let call = 0; call < 4; call++) {
      await pause();
      held.calls[call]?.finish();
    }
    const answers = await Promise.all(jobs);
    expect(answers.map(([outcomes]) => outcomes?.length)).toEqual(sizes);
    const sent = sizesOf(held);
    expect(sent.reduce((sum, size) => sum + size, 0)).toBe(6502);
    for (const size of sent) expect(size <= 2000 || sizes.includes(size), `${size} events in one call`).toBe(true);
  });

  it("starts a second concurrent call once 250 events are waiting, and never a third", async () => {
    const held = new HeldStore();
    const store = new GroupedStore(held, JOBS_MAX);
    const jobs = [1, 249].map(async (size) => store.apply(batchOf(size)));
    await pause();
    expect(sizesOf(held)).toEqual([1]);
    jobs.push(store.apply(batchOf(1)));
    await pause();
    expect(sizesOf(held)).toEqual([1, 250]);
    jobs.push(store.apply(batchOf(900)));
    await pause();
    expect(sizesOf(held)).toEqual([1, 250]);
    // The second call may end first; waiting events are then sent while the first continues.
    held.calls[1]?.finish();
    await pause();
    expect(sizesOf(held)).toEqual([1, 250, 900]);
    held.calls[2]?.finish();
    held.calls[0]?.finish();
    expect((await Promise.all(jobs)).map(([outcomes]) => outcomes?.length)).toEqual([1, 249, 1, 900]);
  });
});
