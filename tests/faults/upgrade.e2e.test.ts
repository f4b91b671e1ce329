import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { freePort } from "../support/free-port.ts";
import { startOwnRedis } from "../support/own-redis.ts";
import { startSystem, type System } from "../system.ts";

/** The jobs that version 0.1.0 has queued, as Redis commands that restore them. */
const QUEUED = new URL("../fixtures/queue-of-0.1.0.json", import.meta.url);

let system: System;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "ticktally-upgrade-"));
  const redis = await startOwnRedis({ dir, durability: "fast", port: await freePort() });
  const commands = z.array(z.tuple([z.string()], z.string())).parse(JSON.parse(await readFile(QUEUED, "utf8")));
  const client = new Redis(redis.url);
  for (const [name, ...args] of commands) await client.call(name, ...args);
  client.disconnect();
  system = await startSystem({ redis });
  await system.drained();
});
afterAll(async () => {
  await system?.stop();
  await rm(dir, { recursive: true, force: true });
});

describe("jobs that an older version has queued", () => {
  it("are counted", async () => {
    const metrics = await system.metrics("7103000001,7103000002");
    expect(metrics).toMatchObject({ totalMessages: 4, messagesReceived: 1, messagesSent: 3, messagesSentByApi: 2 });
    expect(metrics.reached.api).toMatchObject({ sent: 2, delivered: 1, read: 1, failed: 1 });
    expect(metrics.failuresByReason.uploader_error).toBe(1);
  });

  it("keep their times of receipt", async () => {
    const message = await system.message("7103000001", "3EB0OLD1");
    expect(message?.timeline.at(-1)).toMatchObject({ status: "read", receivedAt: "2025-01-01T00:01:01.000Z" });
  });

  it("are quarantined if they cannot be read, and none remains in the queue", async () => {
    const samples = await system.prometheus();
    expect(samples.value("ticktally_quarantine_size")).toBe(1);
    expect(samples.sum("ticktally_queue_jobs")).toBe(0);
  });
});
