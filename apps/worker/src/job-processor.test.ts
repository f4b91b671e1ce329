import {
  StoreUnavailableError,
  UnknownInstanceError,
  type InstanceEvents,
  type InstanceId,
  type Outcome,
} from "@ticktally/core";
import { webhookJobOf, webhookLine, type QuarantineEntry } from "@ticktally/schemas";
import { createLogger, createRegistry, UNTRACED } from "@ticktally/telemetry";
import { afterEach, describe, expect, it, vi } from "vitest";
import { JobProcessor } from "./job-processor.ts";
import { WorkerMetrics } from "./worker-metrics.ts";

const NOW_MS = 1_727_691_479_000;

interface Webhook {
  readonly body: unknown;
  readonly sender?: InstanceId;
  readonly receivedAtMs?: number;
}

interface Troubles {
  /** When they are stored. */
  readonly deleted?: ReadonlySet<InstanceId>;
  /** Instances whose master is away. */
  readonly away?: ReadonlySet<InstanceId>;
  readonly isCluster?: boolean;
}

/** A processor whose instances are those in `known`. */
function world(
  known: readonly InstanceId[],
  { deleted = new Set(), away = new Set(), isCluster = false }: Troubles = {},
) {
  const calls: string[] = [];
  const [counted, quarantined] = [[] as InstanceId[], [] as QuarantineEntry[]];
  const metrics = new WorkerMetrics(createRegistry(), { entriesMax: 1_000, bytesMax: 1_000_000 });
  const processor = new JobProcessor({
    store: {
      apply: async (batches: readonly InstanceEvents[]) => {
        calls.push(batches.map(({ instance }) => instance).join(" "));
        // As the real store does it: it stores what it may store.
        for (const { instance, events } of batches)
          if (!deleted.has(instance) && !away.has(instance)) counted.push(...events.map(() => instance));
        if (batches.some(({ instance }) => away.has(instance))) throw new StoreUnavailableError("a master is away");
        const gone = batches.find(({ instance }) => deleted.has(instance));
        if (gone !== undefined) throw new UnknownInstanceError(`instance ${gone.instance} is not registered`);
        return Promise.resolve(batches.map(({ events }) => events.map((): Outcome => "created")));
      },
    },
    jobsMax: 32,
    isCluster,
    quarantine: {
      put: async (entries) => {
        quarantined.push(...entries);
        return Promise.resolve(0);
      },
    },
    quarantineBounds: { entriesMax: 1_000, bytesMax: 1_000_000 },
    instances: {
      admitted: async (instances) => Promise.resolve(new Set(instances.filter((id) => known.includes(id)))),
    },
    metrics,
    logger: createLogger("test", "silent"),
    tracing: UNTRACED,
    signal: new AbortController().signal,
    now: () => NOW_MS,
  });
  const process = async (...webhooks: readonly Webhook[]) => {
    const lines = webhooks.map(({ body, sender, receivedAtMs = NOW_MS - 1_000 }) =>
      webhookLine({
        receivedAtMs,
        text: JSON.stringify(body),
        ...(sender === undefined ? {} : { sender }),
      }),
    );
    await processor.process({ id: "1", shard: 0, attempt: 1, data: webhookJobOf(lines) });
    return quarantined.map(({ reason, instance }) => `${reason} ${instance ?? "none"}`);
  };
  return { process, counted, metrics, calls };
}

const status = (instance: string | undefined) => ({
  typeWebhook: "outgoingMessageStatus",
  ...(instance === undefined ? {} : { instanceData: { idInstance: Number(instance) } }),
  idMessage: "M",
  status: "sent",
  timestamp: 1_727_691_478,
});

describe("a webhook received with an instance's token or feed", () => {
  it("is counted only for that instance; another instance is not registered", async () => {
    const { process, counted } = world(["1", "2"]);
    expect(
      await process(
        { body: status("1"), sender: "1" },
        { body: status("2"), sender: "1" },
        { body: status("3"), sender: "1" },
        { body: status("2") },
      ),
    ).toEqual(["other_instance 1", "other_instance 1"]);
    expect(counted).toEqual(["1", "2"]);
  });

  it("is quarantined under that instance, whatever its content", async () => {
    const { process, counted } = world(["1", "2"]);
    const bodies = [
      status(undefined),
      {},
      [1],
      "x",
      { typeWebhook: "deviceInfo" },
      { instanceData: { idInstance: 2 } },
    ];
    expect(await process(...bodies.map((body) => ({ body, sender: "1" })))).toEqual([
      "no_instance 1",
      "no_type 1",
      "not_an_object 1",
      "not_an_object 1",
      "no_instance 1",
      "other_instance 1",
    ]);
    expect(counted).toEqual([]);
  });
});

it("the lag is that of the oldest webhook of a job, which need not be the first", async () => {
  const { process, metrics } = world(["1"]);
  await process(...[1_000, 5_000, 2_000].map((ageMs) => ({ body: status("1"), receivedAtMs: NOW_MS - ageMs })));
  expect(metrics.gauges.lagSeconds).toBe(5);
});

afterEach(() => {
  vi.useRealTimers();
});

describe("jobs that were applied together and failed", () => {
  /** Until they were tried once more. The first one goes at once, so that the others wait for each other. */
  async function tried(instances: readonly InstanceId[], away: readonly InstanceId[], isCluster: boolean) {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const gone = new Set(away);
    const { process, calls } = world(["100", ...instances], { away: gone, isCluster });
    const finished: InstanceId[] = [];
    const jobs = ["100", ...instances].map(async (instance) => {
      await process({ body: status(instance) });
      finished.push(instance);
    });
    await vi.advanceTimersByTimeAsync(350);
    const atThen = { calls: calls.slice(1), finished: finished.slice(1) };
    gone.clear();
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(jobs);
    return atThen;
  }

  it("are tried again one by one in a cluster, where only one of them may need the master that is away", async () => {
    expect(await tried(["1", "2", "3"], ["2"], true)).toEqual({
      calls: ["1 2 3", "1", "2", "3"],
      finished: ["1", "3"],
    });
  });

  it("are tried again together elsewhere, so that an outage does not multiply the calls", async () => {
    const instances = Array.from({ length: 9 }, (_, i) => String(i + 1));
    const { calls } = await tried(instances, instances, false);
    expect(calls).toEqual(["1 2 3 4 5 6 7 8 9", "1", "2 3 4 5 6 7 8 9"]);
  });
});

describe("an instance that is deleted while its webhooks are stored", () => {
  it("gets them quarantined, without an effect on other instances", async () => {
    // A refused batch is retried in parts, which do not wait for other jobs: the test needs no timers.
    vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
    const { process, counted } = world(["1", "2"], { deleted: new Set(["1"]) });
    expect(await process({ body: status("1") }, { body: status("2") }, { body: status("1") })).toEqual([
      "unknown_instance 1",
      "unknown_instance 1",
    ]);
    expect(new Set(counted)).toEqual(new Set(["2"]));
  });
});
