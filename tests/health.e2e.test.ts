import { beforeAll, describe, expect, it } from "vitest";
import { healthAnswer, messagePlacesAnswer } from "../packages/schemas/src/index.ts";
import { expectRefusal } from "./support/refusals.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

const health = async () => healthAnswer.parse(JSON.parse((await system.get("/health")).text)).health;

describe("GET /health", () => {
  it("shows every process with readiness and memory, and removes processes that have ended", async () => {
    await expect
      .poll(async () => (await health()).processes.map(({ app }) => app), { timeout: 30_000 })
      .toEqual(["ingest", "worker", "forwarder", "api"]);
    for (const { ready, reasons, memoryBytes } of (await health()).processes) {
      expect({ ready, reasons }).toEqual({ ready: true, reasons: [] });
      expect(memoryBytes).toBeGreaterThan(10_000_000);
    }
    await system.kill("worker");
    await expect
      .poll(async () => (await health()).processes.map(({ app }) => app), { timeout: 60_000 })
      .toEqual(["ingest", "forwarder", "api"]);
    await system.start("worker");
  });

  it("shows how full the queue, the quarantine and Redis are", async () => {
    await system.post({ typeWebhook: "outgoingMessageStatus", status: "no such word" });
    await system.drained();
    const { queue, quarantine, redis } = await health();
    expect(quarantine.size).toBe(1);
    expect(quarantine.bytes).toBeGreaterThan(0);
    expect(queue).toMatchObject({ waiting: 0, failed: 0, oldestReceivedAt: null });
    expect(redis).toHaveLength(1);
    expect(redis[0]?.usedMemoryBytes).toBeGreaterThan(0);
  });
});

describe("GET /messages/all/:idMessage", () => {
  it("returns the instances that have the message, and 404 if none has", async () => {
    const [one, two] = [freshInstance(), freshInstance()];
    for (const instance of [one, two]) {
      await system.post(statusOf(instance, "EVERYWHERE", "delivered"));
      await system.counted(instance);
    }
    const { status, text } = await system.get("/messages/all/EVERYWHERE");
    expect(status).toBe(200);
    const places = messagePlacesAnswer.parse(JSON.parse(text)).messages;
    expect(places.map(({ instance, status: word }) => `${instance} ${String(word)}`).sort()).toEqual(
      [`${one} delivered`, `${two} delivered`].sort(),
    );
    expectRefusal(await system.get("/messages/all/NOWHERE"), 404);
  });
});
