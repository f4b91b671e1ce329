import { UnknownInstanceError, type InstanceEvents, type InstanceId, type Outcome } from "@ticktally/core";
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

/** A world whose instances are those in `known`, of which some are `deleted` when they are stored. */
function world(known: readonly InstanceId[], deleted: ReadonlySet<InstanceId> = new Set()) {
  const [counted, quarantined] = [[] as InstanceId[], [] as QuarantineEntry[]];
  const metrics = new WorkerMetrics(createRegistry(), { entriesMax: 1_000, bytesMax: 1_000_000 });
  const processor = new JobProcessor({
    store: {
      apply: async (batches: readonly InstanceEvents[]) => {
        // As the store does it: what it may store is stored.
        for (const { instance, events } of batches)
          if (!deleted.has(instance)) counted.push(...events.map(() => instance));
        const gone = batches.find(({ instance }) => deleted.has(instance));
        if (gone !== undefined) throw new UnknownInstanceError(`instance ${gone.instance} is not registered`);
        return Promise.resolve(batches.map(({ events }) => events.map((): Outcome => "created")));
      },
    },
    jobsMax: 32,
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
  return { process, counted, metrics };
}

const status = (instance: string | undefined) => ({
  typeWebhook: "outgoingMessageStatus",
  ...(instance === undefined ? {} : { instanceData: { idInstance: Number(instance) } }),
  idMessage: "M",
  status: "sent",
  timestamp: 1_727_691_478,
});

describe("what came by one instance's token or feed", () => {
  it("is counted for that instance and for no other, which is not registered either", async () => {
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

  it("is quarantined under it, whatever it is", async () => {
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

describe("an instance that is deleted while its webhooks are stored", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("has them quarantined, and no other instance has", async () => {
    // What is refused is tried again in parts, which wait for no other job: no time has to pass.
    vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
    const { process, counted } = world(["1", "2"], new Set(["1"]));
    expect(await process({ body: status("1") }, { body: status("2") }, { body: status("1") })).toEqual([
      "unknown_instance 1",
      "unknown_instance 1",
    ]);
    expect(new Set(counted)).toEqual(new Set(["2"]));
  });
});
