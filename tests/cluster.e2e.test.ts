import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedisCluster, type RedisCluster } from "../scripts/redis/redis-cluster.mjs";
import { AppProcess, type App } from "./support/app-process.ts";
import { generatedDay, shuffled } from "./support/day.ts";
import { killWithParent } from "./support/kill-with-parent.ts";
import { Gateway } from "./support/gateway.ts";
import { orderIndependentPart, Oracle, withoutReceiptTimes } from "./support/oracle.ts";
import { freshInstance, observation } from "./support/webhooks.ts";
import { startSystem, WEBHOOK_TOKEN, type System } from "./system.ts";

const MASTERS = 3;
const SHARDS = 8;
/** What the api has, and the worker after its restart: fewer than the queues that are in use. */
const FEWER = { QUEUE_SHARDS: "2" };
const SEED = Number(process.env["E2E_SEED"] ?? Date.now() % 1_000_000);
/** Enough for several batches and for every instance to have messages of every kind. */
const day = generatedDay({ size: 2_000, messages: 500, instanceCount: 24, seed: SEED });
const oracle = new Oracle();

let dir = "";
let cluster: RedisCluster;
let system: System;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "ticktally-cluster-"));
  cluster = await startRedisCluster({ dir, masters: MASTERS, durability: "fast", onStart: killWithParent });
  const runApp = (app: App, env: NodeJS.ProcessEnv, opsOrigin: string) =>
    new AppProcess(app, app === "api" ? { ...env, ...FEWER } : env, opsOrigin);
  const env = { REDIS_CLUSTER: "true", QUEUE_SHARDS: String(SHARDS) };
  system = await startSystem({ redis: asOne(cluster), env, runApp });
  const gateway = new Gateway({ port: system.ingestPort, token: WEBHOOK_TOKEN, connections: 32 });
  await Promise.all([gateway.deliver(shuffled(day.webhooks, SEED)), oracle.take(day.webhooks)]);
  await system.drained(60_000);
}, 120_000);
afterAll(async () => {
  await system?.stop();
  await cluster?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** The cluster as an `OwnRedis`; no test here stops a node. */
function asOne({ url, ports: [port = 0], pids: [pid = 0], stop }: RedisCluster) {
  const never = async () => Promise.reject(new Error("the nodes of a cluster cannot be restarted together"));
  return { url, port, pid, stop, kill9: never, restart: never };
}

describe(`on a Redis Cluster of ${MASTERS} masters with ${SHARDS} queues (E2E_SEED=${SEED})`, () => {
  it("the metrics of every instance, and of all together, match the specification", async () => {
    for (const instance of day.instances)
      expect(orderIndependentPart(await system.metrics(instance))).toEqual(
        orderIndependentPart(await oracle.metrics(instance)),
      );
    const all = await system.metrics(day.instances.join(","));
    const single = await Promise.all(day.instances.map(async (instance) => system.metrics(instance)));
    expect(all.totalMessages).toBe(single.reduce((sum, { totalMessages }) => sum + totalMessages, 0));
    expect(all.union?.uniqueChats).toBeLessThanOrEqual(all.uniqueChats);
  });

  it("the records of messages match the specification", async () => {
    for (const instance of day.instances) {
      const [expected] = oracle.messages(instance);
      expect(expected).toBeDefined();
      if (expected)
        expect(withoutReceiptTimes(await system.message(instance, expected.idMessage))).toEqual(
          withoutReceiptTimes(expected),
        );
    }
  });

  it("instances and queues are spread over all masters, and Prometheus shows each", async () => {
    const samples = await system.prometheus();
    for (const port of cluster.ports)
      expect(samples.value("ticktally_redis_commands_total", { node: `127.0.0.1:${String(port)}` })).toBeGreaterThan(0);
    expect(samples.sum("ticktally_queue_jobs")).toBe(0);
    expect(samples.value("ticktally_quarantine_size")).toBe(0);
  });

  it("jobs in queues that the worker and the api do not have in their settings are reported and counted", async () => {
    await system.kill("worker");
    const fresh = Array.from({ length: 3 * SHARDS }, freshInstance);
    const accepted = Date.now();
    await system.accept(...fresh.map((instance) => observation("incoming", instance, "M1")));
    expect((await system.prometheus()).value("ticktally_queue_jobs", { state: "waiting" })).toBe(fresh.length);
    expect((await system.prometheus()).value("ticktally_queue_age_seconds")).toBeGreaterThan(0);
    await system.start("worker", FEWER);
    await system.drained();
    expect(Date.parse((await system.metrics(fresh.join(","))).asOf)).toBeGreaterThan(accepted);
    for (const instance of fresh) expect((await system.metrics(instance)).messagesReceived).toBe(1);
  });

  it("an instance is renamed, listed page by page, and deleted with all its data", async () => {
    const [instance = ""] = day.instances;
    expect((await system.send("PATCH", `/instances/${instance}`, { name: "moved" })).status).toBe(200);
    expect((await system.get("/messages/moved?limit=5")).status).toBe(200);
    expect((await system.get("/metrics/moved/series?from=0&to=1")).status).not.toBe(503);
    expect((await system.send("DELETE", "/instances/moved")).status).toBe(200);
    expect((await system.get(`/metrics/${instance}`)).status).toBe(404);
  });
});
