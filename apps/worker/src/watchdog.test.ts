import { StoreUnavailableError } from "@ticktally/core";
import { createLogger } from "@ticktally/telemetry";
import { describe, expect, it } from "vitest";
import { Watchdog } from "./watchdog.ts";

/** A sample of the queue: waiting jobs (`undefined`: Redis is unreachable), jobs in progress, and jobs taken so far. */
type QueueSample = readonly [waiting: number | undefined, inProgress: number, taken: number];

const HEALTHY = { ready: true, reasons: [], warnings: [] };
const STUCK: QueueSample = [3, 0, 0];

/** @param other those of another shard at the same times */
async function after(samples: readonly QueueSample[], other: readonly QueueSample[] = []) {
  let [shards, exits]: [readonly QueueSample[], number] = [[], 0];
  const watchdog = new Watchdog({
    queue: {
      waiting: async () => {
        const waiting = shards.map(([jobs], shard) => {
          if (jobs === undefined) throw new StoreUnavailableError("Redis is away");
          return [shard, jobs] as const;
        });
        return Promise.resolve(new Map(waiting));
      },
    },
    processor: {
      ofShard: (shard) => {
        const [, inProgress = 0, taken = 0] = shards[shard] ?? [];
        return { inProgress, taken };
      },
    },
    logger: createLogger("test", "silent"),
    exit: () => (exits += 1),
  });
  for (const [n, sample] of samples.entries()) {
    const beside = other[n];
    shards = beside === undefined ? [sample] : [beside, sample];
    await watchdog.look();
  }
  return { isReady: watchdog.judge(HEALTHY).ready, exits };
}

const times = (count: number, sample: QueueSample = STUCK) => Array.from({ length: count }, () => sample);

describe("a worker", () => {
  it.each([
    ["nothing waits", times(20, [0, 0, 0]), true, 0],
    ["jobs have waited for less than 20 s", times(3), true, 0],
    ["jobs have waited for 20 s and it took none", times(4), false, 0],
    ["it took none for less than a minute", times(11), false, 0],
    ["it took none for a minute", times(12), false, 1],
    ["it is busy with a job that takes long", times(20, [3, 1, 0]), true, 0],
    ["it takes one job between two checks", [...times(11), [3, 0, 1], ...times(3, [3, 0, 1])], true, 0],
    ["the queue was empty once", [...times(11), [0, 0, 0], ...times(3)], true, 0],
    ["Redis cannot be reached", times(20, [undefined, 0, 0]), true, 0],
  ] as const)("when %s", async (_, samples, isReady, exits) => {
    expect(await after(samples)).toEqual({ isReady, exits });
  });

  it("is stuck if one of its shards is, although it works on others", async () => {
    const busy = Array.from({ length: 12 }, (_, n): QueueSample => [3, 1, n]);
    expect(await after(times(4), busy)).toEqual({ isReady: false, exits: 0 });
    expect(await after(times(12), busy)).toEqual({ isReady: false, exits: 1 });
    expect(await after(busy, busy)).toEqual({ isReady: true, exits: 0 });
  });

  it("does not change the readiness from Redis while it takes jobs", () => {
    const watchdog = new Watchdog({
      queue: { waiting: async () => Promise.resolve(new Map()) },
      processor: { ofShard: () => ({ inProgress: 0, taken: 0 }) },
      logger: createLogger("test", "silent"),
    });
    const unready = { ready: false, reasons: ["Redis is away"], warnings: ["slow"] };
    expect(watchdog.judge(unready)).toEqual(unready);
  });
});
