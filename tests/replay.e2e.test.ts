import { beforeAll, describe, expect, it } from "vitest";
import { sharedSystem } from "./shared-system.ts";
import { WEBHOOK_TOKEN, type System } from "./system.ts";
import { generatedDay, shuffled } from "./support/day.ts";
import { Gateway } from "./support/gateway.ts";
import { orderIndependentPart, withoutReceiptTimes } from "./support/oracle.ts";

const SEED = Number(process.env["E2E_SEED"] ?? Date.now() % 1_000_000);

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

describe(`a whole day, posted again in another order (E2E_SEED=${SEED})`, () => {
  const { instances, webhooks } = generatedDay({ size: 1500, messages: 450, instanceCount: 5, seed: SEED });
  const ids = [...new Set(webhooks.map((text) => idOf(text)))];

  const deliver = async (texts: readonly string[], connections: number) => {
    await new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections }).deliver(texts);
    await system.drained();
  };

  const everything = async () => {
    const samples = await system.prometheus();
    // Outcomes also count repeats, receipts and latencies depend on the order, and Redis's own metrics change.
    const moving = /^ticktally_(?:status_events_total|queue_age|instance_last_webhook|message_latency|redis_)/;
    const series = samples.text.split("\n").filter((line) => line.startsWith("ticktally_") && !moving.test(line));
    const metrics = await Promise.all(
      instances.map(async (instance) => orderIndependentPart(await system.metrics(instance))),
    );
    const records = instances.flatMap((instance) => ids.slice(0, 40).map(async (id) => system.message(instance, id)));
    return { series, metrics, records: (await Promise.all(records)).map(withoutReceiptTimes) };
  };

  it("changes no count and no record", async () => {
    await deliver(webhooks, 1);
    const once = await everything();
    expect(once.series.length).toBeGreaterThan(70 * instances.length);
    expect(once.records.filter((record) => record !== undefined).length).toBeGreaterThan(10);
    await deliver(shuffled(webhooks, SEED), 32);
    expect(await everything()).toEqual(once);
  });
});

function idOf(text: string): string {
  return /"idMessage":"(\w+)"/.exec(text)?.[1] ?? "";
}
