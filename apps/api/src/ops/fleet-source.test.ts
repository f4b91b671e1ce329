import type { Counter, InstanceTotals, QueueStatus } from "@ticktally/core";
import { describe, expect, it } from "vitest";
import { FleetSource } from "./fleet-source.ts";

const SENT: Counter = "messages/outgoing/api";
const SENT_SERIES = /^ticktally_messages_total\{wa_instance="\w+",direction="outgoing",origin="api"\} (\d+)$/gm;

const EMPTY: QueueStatus = { waiting: 0, active: 0, delayed: 0, failed: 0 };

/** A fleet whose instances have the counts of `sent` at the time of reading. */
function fleetOf(
  instances: number | (() => number),
  sent: (place: number) => number,
  instancesMax = 1_000_000,
  time: { nowMs: number } = { nowMs: 0 },
  status = async (): Promise<QueueStatus> => Promise.resolve(EMPTY),
  summedOnce: () => ReadonlyMap<string, number> = () => new Map(),
) {
  const count = typeof instances === "number" ? () => instances : instances;
  const ids = Array.from({ length: 2_000 }, (_, i) => String(1_101_000_000 + i));
  const totalsOf = (id: string): InstanceTotals => ({
    counts: new Map([[SENT, sent(ids.indexOf(id))]]),
    retracted: new Map(),
    lastWebhookAt: 1_727_691_478 + ids.indexOf(id),
  });
  const quarantine = {
    size: async () => Promise.resolve(0),
    bytes: async () => Promise.resolve(0),
    largestShares: async () => Promise.resolve([]),
  };
  return new FleetSource({
    own: { contentType: "text/plain", metrics: async () => Promise.resolve("") },
    counts: { totals: async (some) => Promise.resolve(some.map(totalsOf)) },
    registry: { slices: () => slicesOf(ids.slice(0, count())) },
    shown: {
      settle: async (limit) => {
        const instances = ids.slice(0, Math.min(limit, count())).map((id) => ({ id, name: id }));
        return Promise.resolve({ instances, summedOnce: summedOnce() });
      },
    },
    queue: { status },
    quarantine,
    redisNodes: async () => Promise.resolve([]),
    forwarding: async () => Promise.resolve(""),
    instancesMax,
    newInstanceMs: 30_000,
    onUnreadable: (error) => {
      throw error;
    },
    now: () => time.nowMs,
  });
}

function withResolvers() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

const nextTurn = async () => new Promise(setImmediate);

async function* slicesOf(ids: readonly string[]) {
  await Promise.resolve();
  // Unsorted, and the first twice.
  yield ids.toReversed().map((id) => ({ id, name: id }));
  yield ids.slice(0, 1).map((id) => ({ id, name: id }));
}

const sentIn = (text: string) => [...text.matchAll(SENT_SERIES)].map(([, value]) => Number(value));

describe("a scrape of many instances", () => {
  it("is sent in small chunks, so that other work can run in between", async () => {
    let [longest, whole] = [0, 0];
    for (const piece of await fleetOf(2_000, () => 123_456_789).metrics()) {
      longest = Math.max(longest, piece.length);
      whole += piece.length;
    }
    expect(whole).toBeGreaterThan(20_000_000);
    expect(longest).toBeLessThan(512 * 1024);
  });

  it("is consistent, even if the next scrape begins while it is being sent", async () => {
    let sent = 1;
    const fleet = fleetOf(120, () => sent);
    const first = (await fleet.metrics())[Symbol.iterator]();
    const begun = String(first.next().value);
    sent = 2;
    const second = [...(await fleet.metrics())].join("");
    const rest = [...{ [Symbol.iterator]: () => first }].join("");
    expect(new Set(sentIn(begun + rest))).toEqual(new Set([1]));
    expect(sentIn(begun + rest)).toHaveLength(120);
    expect(new Set(sentIn(second))).toEqual(new Set([2]));
  });

  it("includes counts of jobs that the queue no longer has, however long it takes", async () => {
    let sent = 1;
    const fleet = fleetOf(
      1,
      () => sent,
      1_000,
      { nowMs: 0 },
      async () => {
        // A worker counts the last job just before the queue is read.
        await nextTurn();
        sent = 2;
        return EMPTY;
      },
    );
    const text = [...(await fleet.metrics())].join("");
    expect(text).toContain('ticktally_queue_jobs{state="active"} 0');
    expect(sentIn(text)).toEqual([2]);
  });

  it("does not use data from before the request, and shares data that is read after it", async () => {
    let [waiting, readings] = [0, 0];
    const { promise: hasBegun, resolve: begin } = withResolvers();
    const { promise: isHeldUp, resolve: goOn } = withResolvers();
    const status = async () => {
      readings += 1;
      const seen = { ...EMPTY, waiting };
      begin();
      await isHeldUp;
      return seen;
    };
    const fleet = fleetOf(1, () => 1, 1_000, { nowMs: 0 }, status);
    const waitingIn = async () => /state="waiting"\} (\d+)/.exec([...(await fleet.metrics())].join(""))?.[1];
    const first = waitingIn();
    await hasBegun;
    waiting = 1;
    const others = [waitingIn(), waitingIn(), waitingIn()];
    await nextTurn();
    goOn();
    expect(await Promise.all([first, ...others])).toEqual(["0", "1", "1", "1"]);
    expect(readings).toBe(2);
    expect(await waitingIn()).toBe("1");
  });

  it("never decreases the sum when an instance in it is deleted, and reports no loss of data", async () => {
    let instances = 200;
    const once = new Map<string, number>();
    const fleet = fleetOf(
      () => instances,
      (place) => place,
      100,
      undefined,
      undefined,
      () => once,
    );
    const sumOf = (to: number) =>
      Array.from({ length: to - 100 }, (_, i) => 100 + i).reduce((sum, one) => sum + one, 0);
    const shown = async () => {
      const text = [...(await fleet.metrics())].join("");
      expect(text).toContain("\nticktally_regressions_total 0\n");
      return /_total\{wa_instance="_other",direction="outgoing",origin="api"\} (\d+)\n/.exec(text)?.[1];
    };
    expect(await shown()).toBe(String(sumOf(200)));
    instances = 150;
    // Its counts are not in the stored sum yet.
    expect(await shown()).toBe(String(sumOf(200)));
    once.set(SENT, sumOf(200) - sumOf(150) + 1);
    expect(await shown()).toBe(String(sumOf(200) + 1));
    instances = 100;
    once.set(SENT, sumOf(200) + 1);
    expect(await shown()).toBeUndefined();
    instances = 101;
    expect(await shown()).toBe(String(sumOf(200) + 1 + 100));
  });

  it("sums instances beyond the limit, and no counter decreases", async () => {
    let isRestored = false;
    const fleet = fleetOf(200, (place) => (isRestored && place === 150 ? 0 : place), 100);
    const beyond = Array.from({ length: 100 }, (_, i) => 100 + i).reduce((sum, place) => sum + place, 0);
    for (const expectedRegressions of [0, 1]) {
      const text = [...(await fleet.metrics())].join("");
      expect(sentIn(text)).toHaveLength(101);
      expect(text).toContain(`{wa_instance="_other",direction="outgoing",origin="api"} ${String(beyond)}\n`);
      expect(text).toContain(`_last_webhook_timestamp_seconds{wa_instance="_other"} ${String(1_727_691_478 + 199)}\n`);
      expect(text).toContain(`\nticktally_regressions_total ${String(expectedRegressions)}\n`);
      isRestored = true;
    }
  });
});

describe("a new instance", () => {
  it("is exported with zeros first, so that Prometheus includes its first events", async () => {
    const time = { nowMs: 1_000_000, known: 1 };
    const fleet = fleetOf(
      () => time.known,
      () => 60,
      2,
      time,
    );
    const scraped = async (atMs: number) => {
      time.nowMs = 1_000_000 + atMs;
      return sentIn([...(await fleet.metrics())].join(""));
    };
    // Instances in the first scrape may be old: starting from zero would look like a burst.
    expect(await scraped(0)).toEqual([60]);
    time.known = 2;
    expect(await scraped(15_000)).toEqual([60, 0]);
    // Another Prometheus, or the next scrape of the first one.
    expect(await scraped(44_000)).toEqual([60, 0]);
    expect(await scraped(45_000)).toEqual([60, 60]);
    time.known = 1;
    expect(await scraped(60_000)).toEqual([60]);
    time.known = 2;
    expect(await scraped(75_000)).toEqual([60, 0]);
  });

  it("reports no loss of data when its zeros end", async () => {
    const time = { nowMs: 0, known: 0 };
    const fleet = fleetOf(1, () => 60, 1, time);
    for (const [known, nowMs] of [
      [0, 0],
      [1, 1_000],
      [1, 40_000],
    ] as const) {
      Object.assign(time, { known, nowMs });
      expect([...(await fleet.metrics())].join("")).toContain("\nticktally_regressions_total 0\n");
    }
  });
});
