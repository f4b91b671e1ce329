import { spawnSync } from "node:child_process";
import { hasPrometheus, tools } from "./support/prometheus-tools.ts";
import { PRICE_CATEGORIES, PRICE_TYPES } from "../packages/core/src/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Redis } from "ioredis";
import { INSTANCE_KEYS, Keys } from "../packages/redis/src/keys.ts";
import { AppProcess, type App } from "./support/app-process.ts";
import { freePort } from "./support/free-port.ts";
import { startSystem, type System } from "./system.ts";
import { until } from "./support/until.ts";
import { failureOf, freshInstance, observation, statusOf } from "./support/webhooks.ts";

const APPS: readonly App[] = ["ingest", "worker", "api"];
const [FIRST, SECOND, THIRD] = [freshInstance(), freshInstance(), freshInstance()];

/** Two for each instance at first, and three that a test adds. */
const MESSAGES = 3 * 2 + 3;

let system: System;
beforeAll(async () => {
  system = await startSystem({ env: { METRICS_INSTANCE_LIMIT: "5" } });
  for (const instance of [FIRST, SECOND, THIRD]) {
    const read = statusOf(instance, "M", "read");
    await system.accept(observation("api", instance, "M"), read, failureOf(instance, "F", "Uploader Error"));
  }
  await system.drained();
});
afterAll(async () => system?.stop());

describe("the metrics endpoint", () => {
  it.skipIf(!hasPrometheus).each(APPS)(
    "of %s is valid (promtool check metrics; skipped without promtool)",
    async (app) => {
      const { text, headers } = await system.scrape(app);
      expect(headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
      const { status, stderr, stdout } = spawnSync(tools.promtool, ["check", "metrics"], {
        input: text,
        encoding: "utf8",
      });
      expect(`${stdout}${stderr}`).toBe("");
      expect(status).toBe(0);
    },
  );

  it.each(APPS)("of %s has each series once, and each family together with help and type", async (app) => {
    const { text } = await system.scrape(app);
    const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const names = series.map((line) => line.slice(0, line.lastIndexOf(" ")));
    expect(new Set(names).size).toBe(names.length);
    const types = [...text.matchAll(/^# TYPE (\S+) \S+$/gm)].map(([, name = ""]) => name);
    expect(new Set(types).size).toBe(types.length);
    expect([...text.matchAll(/^# HELP (\S+) \S.*$/gm)].map(([, name = ""]) => name)).toEqual(types);
  });

  it("has a zero for every known label value of an instance, so that rates include the first event", async () => {
    const samples = await system.prometheus();
    const series = (name: string) => samples.all(name, { wa_instance: FIRST });
    const values = (name: string, label: string) => new Set(series(name).map(({ labels }) => labels[label]));
    const failures = ["failed", "noAccount", "notInGroup", "noActiveSession"];
    const progress = ["sent", "delivered", "read", "played"];
    const types = "text image video audio document sticker location contact poll interactive groupInvite other".split(
      " ",
    );
    const reasons =
      "file_empty file_too_large download_failed upload_failed uploader_error send_file_failed timed_out connection_closed group_too_large edit_window_expired not_authenticated no_account not_in_group no_active_session recipient_unreachable engagement_limited opted_out rate_limited account_limited template_rejected media_failed invalid_request payment gateway_error other none";
    expect(values("ticktally_message_status_reached_total", "status")).toEqual(new Set([...progress, ...failures]));
    expect(values("ticktally_message_status_reached_total", "origin")).toEqual(new Set(["api", "phone"]));
    expect(values("ticktally_messages_in_status", "status")).toEqual(
      new Set(["pending", "yellowCard", ...progress, ...failures]),
    );
    expect(values("ticktally_messages_by_type_total", "type")).toEqual(new Set(types));
    expect(series("ticktally_messages_by_type_total")).toHaveLength(2 * types.length);
    expect(values("ticktally_messages_by_price_category_total", "category")).toEqual(new Set(PRICE_CATEGORIES));
    expect(values("ticktally_messages_by_price_type_total", "type")).toEqual(new Set(PRICE_TYPES));
    expect(values("ticktally_message_failures_total", "reason")).toEqual(new Set(reasons.split(" ")));
    expect(values("ticktally_status_events_total", "outcome")).toEqual(
      new Set(["created", "advanced", "duplicate", "late", "contradiction", "ignored"]),
    );
    expect(values("ticktally_message_latency_seconds_bucket", "le")).toContain("+Inf");
    expect(values("ticktally_message_latency_seconds_count", "stage").size).toBe(3);
    expect(samples.value("ticktally_messages_total", { wa_instance: FIRST, origin: "phone" })).toBe(0);
  });

  it("has the current values of Redis's own INFO", async () => {
    const calm = await system.prometheus();
    expect(calm.value("ticktally_redis_used_memory_bytes")).toBeGreaterThan(100_000);
    expect(calm.value("ticktally_redis_evicted_keys_total")).toBe(0);
    expect(calm.value("ticktally_redis_may_evict")).toBe(0);
    expect(calm.value("ticktally_redis_aof_ok")).toBe(1);
    await system.askRedis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    await system.askRedis("CONFIG", "SET", "appendonly", "no");
    await system.askRedis("CONFIG", "SET", "maxmemory", "100000000");
    const troubled = await system.prometheus();
    await system.askRedis("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await system.askRedis("CONFIG", "SET", "appendonly", "yes");
    await system.askRedis("CONFIG", "SET", "maxmemory", "0");
    expect(troubled.value("ticktally_redis_may_evict")).toBe(1);
    expect(troubled.value("ticktally_redis_aof_ok")).toBe(0);
    expect(troubled.value("ticktally_redis_max_memory_bytes")).toBe(100_000_000);
  });

  it("has the same counts as REST", async () => {
    const samples = await system.prometheus();
    const metrics = await system.metrics(FIRST);
    for (const [status, count] of Object.entries(metrics.reached.api)) {
      const labels = { wa_instance: FIRST, status, origin: "api" };
      expect(samples.value("ticktally_message_status_reached_total", labels)).toBe(count);
    }
    for (const [status, count] of Object.entries(metrics.messagesByStatus))
      expect(samples.value("ticktally_messages_in_status", { wa_instance: FIRST, status })).toBe(count);
    expect(metrics.reached.api).toMatchObject({ sent: 1, delivered: 1, read: 1, failed: 1 });
  });

  it("is the same in overlapping scrapes", async () => {
    const scrapes = await Promise.all([system.scrape(), system.scrape(), system.scrape()]);
    // Redis's memory and number of commands change with each scrape.
    const ours = scrapes.map(({ text }) => text.split("\n").filter((line) => /^ticktally_(?!redis_)/.test(line)));
    expect(ours[0]?.length).toBeGreaterThan(300);
    expect(ours[1]).toEqual(ours[0]);
    expect(ours[2]).toEqual(ours[0]);
  });

  it("never decreases if Redis loses data: it reports corrections, and continues from there", async () => {
    const redis = new Redis(system.redisUrl);
    const counts = new Keys().instance(SECOND) + INSTANCE_KEYS.PENDING;
    const incoming = { wa_instance: SECOND, direction: "incoming" };
    const look = async () => {
      const samples = await system.prometheus();
      return [samples.value("ticktally_messages_total", incoming), samples.value("ticktally_regressions_total")];
    };
    try {
      expect(await look()).toEqual([0, 0]);
      await redis.copy(counts, `${counts}-before`);
      await system.acceptInOrder(observation("incoming", SECOND, "IN1"), observation("incoming", SECOND, "IN2"));
      expect(await look()).toEqual([2, 0]);
      // The same effect as a restored backup or a lost second.
      await redis.copy(counts, `${counts}-after`);
      await redis.copy(`${counts}-before`, counts, "REPLACE");
      const [shown, regressions = 0] = await look();
      expect(shown).toBe(2);
      expect(regressions).toBeGreaterThan(0);
      await redis.copy(`${counts}-after`, counts, "REPLACE");
      await system.acceptInOrder(observation("incoming", SECOND, "IN3"));
      expect(await look()).toEqual([3, regressions]);
    } finally {
      await redis.del(`${counts}-before`, `${counts}-after`);
      await redis.quit();
    }
  });

  it("reports an outage of Redis, and still has the metrics of the process", async () => {
    await system.killRedis();
    const { status } = await system.scrape();
    expect(status).toBe(200);
    const out = await system.prometheus();
    expect(out.value("ticktally_redis_up")).toBe(0);
    expect(out.value("process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(out.all("ticktally_messages_total")).toEqual([]);
    for (const app of ["ingest", "worker"] as const) expect((await system.scrape(app)).status).toBe(200);
    await system.restartRedis();
    const back = await until("Redis is up", async () => {
      const samples = await system.prometheus();
      return samples.value("ticktally_redis_up") === 1 && samples;
    });
    expect(back.sum("ticktally_messages_total")).toBe(MESSAGES);
  });

  it("is the same on a second replica of the api, and does not count twice after a restart of the first or the worker", async () => {
    const [port, opsPort] = [String(await freePort()), String(await freePort())];
    const opsOrigin = `http://127.0.0.1:${opsPort}`;
    const replica = new AppProcess("api", { ...system.environment, API_PORT: port, API_OPS_PORT: opsPort }, opsOrigin);
    await replica.start();
    try {
      const countsOf = (text: string) => text.split("\n").filter((line) => line.startsWith("ticktally_message"));
      const ofReplica = async () => countsOf(await (await fetch(`${opsOrigin}/metrics`)).text());
      expect(await ofReplica()).toEqual(countsOf((await system.scrape()).text));
      await system.acceptInOrder(observation("incoming", THIRD, "IN"));
      const before = await system.prometheus();
      await system.kill("api");
      await system.kill("worker");
      await Promise.all([system.start("api"), system.start("worker")]);
      const after = await system.prometheus();
      for (const name of ["ticktally_messages_total", "ticktally_status_events_total", "ticktally_messages_in_status"])
        expect(after.all(name)).toEqual(before.all(name));
      expect(await ofReplica()).toEqual(countsOf((await system.scrape()).text));
      expect((await ofReplica()).length).toBeGreaterThan(300);
    } finally {
      await replica.kill("SIGTERM");
    }
  });

  describe("beyond METRICS_INSTANCE_LIMIT", () => {
    // The limit has room for two of them.
    const ids = Array.from({ length: 5 }, () => freshInstance()).toReversed();
    const [first = "", second = "", third = "", fourth = ""] = ids;
    const shown = async () => {
      const labels = { status: "sent", origin: "api" };
      const rows = (await system.prometheus()).all("ticktally_message_status_reached_total", labels);
      const all = rows.map(({ labels: { wa_instance: id = "" }, value }) => [id, value] as const);
      return Object.fromEntries(all.filter(([id]) => ![FIRST, SECOND, THIRD].includes(id)));
    };

    it("sums instances under _other", async () => {
      const names = [
        "ticktally_messages_total",
        "ticktally_messages_in_status",
        "ticktally_message_failures_total",
        "ticktally_status_events_total",
      ];
      const sums = async () => {
        const samples = await system.prometheus();
        return names.map((name) => samples.sum(name));
      };
      const [messages = 0, inStatus = 0, failures = 0, events = 0] = await sums();
      for (const [place, id] of ids.entries()) {
        for (let n = 0; n <= place; n++) await system.accept(statusOf(id, `M${String(n)}`, "sent"));
        await system.accept(failureOf(id, "F", "Uploader Error"));
        await system.drained();
      }
      expect(await shown()).toEqual({ [first]: 1, [second]: 2, _other: 12 });
      expect(await sums()).toEqual([messages + 20, inStatus + 20, failures + 5, events + 20]);
    });

    it("never decreases under _other after a deletion, and shows the instances that were registered first", async () => {
      await system.send("DELETE", `/instances/${fourth}`);
      expect(await shown()).toEqual({ [first]: 1, [second]: 2, _other: 12 });
      await system.send("DELETE", `/instances/${first}`);
      expect(await shown()).toEqual({ [second]: 2, [third]: 3, _other: 12 });
      // This also holds for a new process.
      await system.kill("api");
      await system.start("api");
      expect(await shown()).toEqual({ [second]: 2, [third]: 3, _other: 12 });
      await system.accept(statusOf(fourth, "M", "sent"));
      await system.drained();
      expect(await shown()).toEqual({ [second]: 2, [third]: 3, _other: 13 });
    });
  });
});
