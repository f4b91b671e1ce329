import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSystem, WEBHOOK_TOKEN, type System } from "./system.ts";
import { generatedDay, shuffled } from "./support/day.ts";
import { Gateway } from "./support/gateway.ts";
import { orderIndependentPart, Oracle, withoutReceiptTimes } from "./support/oracle.ts";
import { until } from "./support/until.ts";

const SIZE = 5_000;
/** Limits the rate, so that each process is killed under load even on a fast machine. */
const WEBHOOKS_PER_SECOND = 600;
/** While a process starts, which may take long: the load must not end before the last kill. */
const WEBHOOKS_PER_SECOND_IN_STARTS = 100;
const SEED = Number(process.env["E2E_SEED"] ?? Date.now() % 1_000_000);
const SAMPLES_PER_INSTANCE = 5;

let system: System;
beforeAll(async () => {
  system = await startSystem({ durability: "durable" });
});
afterAll(async () => system?.stop());

describe(`each webhook answered 200 is counted once (E2E_SEED=${SEED})`, () => {
  const { instances, webhooks } = generatedDay({ size: SIZE, messages: SIZE / 4, instanceCount: 20, seed: SEED });
  const oracle = new Oracle();

  it(
    "while worker and Redis are killed and ingest is stopped in the middle of the load",
    { timeout: 120_000 },
    async () => {
      const target = { port: system.ingestPort, token: WEBHOOK_TOKEN, webhooksPerSecond: WEBHOOKS_PER_SECOND };
      const gateway = new Gateway({ ...target, connections: 64 });
      const accepted = async (part: number) =>
        until(`${part} of the webhooks are accepted`, () => gateway.accepted >= part * SIZE, 60_000);
      const load = gateway.deliver(shuffled(webhooks, SEED));
      const startedAgain = async (start: () => Promise<void>) => {
        gateway.webhooksPerSecond = WEBHOOKS_PER_SECOND_IN_STARTS;
        await start();
        gateway.webhooksPerSecond = WEBHOOKS_PER_SECOND;
        expect(gateway.accepted).toBeLessThan(SIZE);
      };

      await accepted(0.15);
      await system.kill("worker", "SIGKILL");
      await accepted(0.3);
      await startedAgain(async () => system.start("worker"));
      await accepted(0.45);
      await system.killRedis();
      const refusedBefore = gateway.refused;
      await until("webhooks are refused", () => gateway.refused > refusedBefore);
      await startedAgain(async () => system.restartRedis());
      await accepted(0.6);
      await system.kill("ingest", "SIGTERM");
      await startedAgain(async () => system.start("ingest"));
      await accepted(0.7);
      await system.kill("ingest", "SIGKILL");
      await startedAgain(async () => system.start("ingest"));
      await accepted(0.85);
      await system.kill("worker", "SIGKILL");
      await system.killRedis();
      await system.restartRedis();
      await system.start("worker");
      await load;

      expect(gateway.accepted).toBe(SIZE);
      await system.drained(60_000);
    },
  );

  it("the metrics of every instance match the specification", async () => {
    await oracle.take(webhooks);
    for (const instance of instances)
      expect(orderIndependentPart(await system.metrics(instance))).toEqual(
        orderIndependentPart(await oracle.metrics(instance)),
      );
  });

  it("the records of messages match the specification", async () => {
    let compared = 0;
    for (const instance of instances) {
      for (const expected of shuffledSample(oracle.messages(instance))) {
        expect(withoutReceiptTimes(await system.message(instance, expected.idMessage))).toEqual(
          withoutReceiptTimes(expected),
        );
        compared += 1;
      }
    }
    expect(compared).toBe(instances.length * SAMPLES_PER_INSTANCE);
  });

  it("nothing is quarantined, waiting or failed", async () => {
    const samples = await system.prometheus();
    expect(samples.value("ticktally_quarantine_size")).toBe(0);
    expect(samples.sum("ticktally_queue_jobs")).toBe(0);
    expect(samples.value("ticktally_regressions_total")).toBe(0);
  });
});

function shuffledSample<Item>(items: readonly Item[]): readonly Item[] {
  const step = Math.max(1, Math.floor(items.length / SAMPLES_PER_INSTANCE));
  return items.filter((_, i) => i % step === 0).slice(0, SAMPLES_PER_INSTANCE);
}
