import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { type Counter } from "../packages/core/src/index.ts";
import { Keys, openMessageStores, Upgrade } from "../packages/redis/src/index.ts";
import { runBackupTool } from "./support/backup-tool.ts";
import { callsOfLayout1, exportOfLayout1, restoreLayout1 } from "./support/layout-1.ts";
import { emptyRedis, oldRedis, stopAll } from "./support/old-data.ts";
import {
  storeSnapshot,
  oldTotals,
  RETENTION_DAYS,
  sumOf,
  typesIn,
  withoutLatencies,
} from "./support/store-snapshot.ts";
import { until } from "./support/until.ts";
import { upgrading } from "./support/upgrade-tool.ts";

const keys = new Keys();
const answers = z
  .object({
    answers: z.array(z.object({ instance: z.string(), path: z.string(), body: z.record(z.string(), z.unknown()) })),
  })
  .parse(JSON.parse(await readFile(new URL("fixtures/layout-1-answers.json", import.meta.url), "utf8"))).answers;

let upgraded: Awaited<ReturnType<typeof storeSnapshot>>;
let upgradedAt: Awaited<ReturnType<typeof emptyRedis>>;
let before: Map<string, Map<Counter, number>>;

afterAll(stopAll);

describe("the upgrade", () => {
  beforeAll(async () => {
    upgradedAt = await oldRedis();
    const registry = await upgradedAt.client.hkeys("ticktally:{registry}:instances");
    before = new Map();
    for (const id of registry) before.set(id, await oldTotals(upgradedAt.client, id));
    const { exitCode, output } = await upgrading(upgradedAt.redis.url).ended;
    expect(output).toMatch(/Upgraded \d+ instances with \d+ messages/);
    expect(exitCode).toBe(0);
    upgraded = await storeSnapshot(upgradedAt.client);
  });

  it("keeps every instance, name, token and upstream, the quarantine and the settings", async () => {
    const { client } = await oldRedis();
    const names = await client.hgetall("ticktally:{registry}:instances");
    expect(Object.fromEntries([...upgraded.instances].map(([id, { name }]) => [id, name]))).toEqual(names);
    expect(upgraded.quarantine.entries.length).toBe(await client.hlen("ticktally:{registry}:quarantine"));
    expect(upgraded.instances.get("7103000005")?.settings).toEqual({ ignoreGroupMessages: true });
    const all = [...upgraded.instances.values()];
    expect(all.filter(({ upstream }) => upstream !== undefined)).toHaveLength(1);
    expect(all.filter(({ run }) => run !== undefined)).toHaveLength(1);
    expect(all.flatMap(({ tokens }) => tokens)).toHaveLength(await client.hlen("ticktally:{registry}:tokens"));
  });

  it("keeps every message with its chat, type and times, in list order", () => {
    const listed = new Map<string, Record<string, unknown>[]>();
    for (const { instance, path, body } of answers)
      if (path.startsWith("/messages/") && body["success"] === true)
        listed.set(instance, [...(listed.get(instance) ?? []), ...(body["messages"] as Record<string, unknown>[])]);
    expect(listed.size).toBe(upgraded.instances.size);
    for (const [instance, old] of listed) {
      const now = upgraded.instances.get(instance)?.messages ?? [];
      const kept = old.slice(0, now.length);
      const iso = (at: number) => new Date(at * 1000).toISOString();
      const today = now.map(({ idMessage, chatId, direction, origin, type, observed, reported, failure }) => {
        const reports = [
          ...Object.entries(reported),
          ...(failure === undefined ? [] : [[failure.status, failure] as const]),
        ];
        const timeline = reports
          .map(([status, { at, receivedAt }]) => `${status} ${iso(at)} ${iso(receivedAt)}`)
          .toSorted();
        const observedAt = observed === undefined ? null : iso(observed.at);
        return {
          idMessage,
          chatId: chatId === undefined || chatId.startsWith("@") ? null : chatId,
          direction,
          origin: direction === "incoming" ? null : origin,
          type,
          observedAt,
          timeline,
        };
      });
      expect(today, instance).toEqual(
        kept.map(({ idMessage, chatId, direction, origin, type, observedAt, timeline }) => {
          const reports = timeline as { status: string; at: string; receivedAt: string }[];
          const lines = reports.map(({ status, at, receivedAt }) => `${status} ${at} ${receivedAt}`).toSorted();
          return { idMessage, chatId, direction, origin, type, observedAt, timeline: lines };
        }),
      );
    }
  });

  it("counts by the current rules: the sum over the records, if all are kept", () => {
    let complete = 0;
    for (const [id, { records, summary, times }] of upgraded.instances) {
      if (records.length !== typesIn(before.get(id) ?? new Map())) continue;
      complete += 1;
      const sum = sumOf(records);
      expect(withoutLatencies(summary.counts), id).toEqual(withoutLatencies(sum.totals));
      expect(times, id).toEqual(sum.times);
    }
    expect(complete).toBeGreaterThan(2);
  });

  it("keeps the counts of expired messages", () => {
    for (const [id, { records, summary }] of upgraded.instances) {
      const old = before.get(id) ?? new Map<Counter, number>();
      const types = [...new Set([...old.keys(), ...summary.counts.keys()])].filter((c) =>
        /^(?:types|actions|messages)\//.test(c),
      );
      for (const counter of types)
        expect([id, counter, summary.counts.get(counter)]).toEqual([id, counter, old.get(counter)]);
      const sum = sumOf(records).totals;
      for (const [counter, by] of sum)
        if (!counter.startsWith("lat"))
          expect([id, counter, summary.counts.get(counter) ?? 0]).toEqual([
            id,
            counter,
            expect.toSatisfy((n: number) => n >= by),
          ]);
    }
  });

  it("keeps unique chats, times and latencies", () => {
    const sum = (chats: object) => Object.values(chats as Record<string, number>).reduce((a, b) => a + b, 0);
    for (const { instance, path, body } of answers) {
      if (!/^\/metrics\/\d+$/.test(path) || body["success"] !== true) continue;
      const { uniqueChats } = body["metrics"] as { uniqueChats: number };
      const now = upgraded.instances.get(instance)?.summary;
      expect(Math.abs(sum(now?.uniqueChats ?? {}) - uniqueChats), instance).toBeLessThanOrEqual(0.02 * uniqueChats);
      const latencies = [...(before.get(instance) ?? [])].filter(([counter]) => counter.startsWith("lat")).toSorted();
      expect([...(now?.counts ?? [])].filter(([counter]) => counter.startsWith("lat"))).toEqual(latencies);
    }
  });

  it("allows labels on upgraded messages, and a second upgrade keeps the labels and their counts", async () => {
    const { redis, client } = await oldRedis();
    expect((await upgrading(redis.url).ended).exitCode).toBe(0);
    const { labels, recount } = openMessageStores(client, { keys, retentionDays: RETENTION_DAYS });
    for (const [id, { messages }] of upgraded.instances) {
      const ids = messages.filter(({ direction }) => direction === "outgoing").map(({ idMessage }) => ({ idMessage }));
      const some = ids.slice(0, 50);
      expect(await labels.label(id, "spring", some)).toEqual({ labelled: some.length });
      const expected = [{ label: "spring", messages: some.length }];
      expect(await labels.labels(id)).toEqual(expected);
      await recount(id);
      expect(await labels.labels(id)).toEqual(expected);
    }
    await upgrading(redis.url).ended;
    const [id = ""] = upgraded.instances.keys();
    expect(await labels.labels(id)).toHaveLength(1);
  });

  it("leaves no key of version 0.1", async () => {
    const names = await upgradedAt.client.keys("*");
    expect(names.filter((name) => /:(?:heard|descriptions|recipients|failed|importing)(?::|$)/.test(name))).toEqual([]);
    const expected = names.filter((name) =>
      /\}:(?:\d+:)?(?:chats|messages|hours|days|failures|arrivals|extras)/.test(name),
    );
    const { instanceEraser: eraser } = openMessageStores(upgradedAt.client, { keys, retentionDays: RETENTION_DAYS });
    await eraser.erase();
    for (const id of upgraded.instances.keys()) await eraser.forget(id);
    await eraser.erase();
    expect(expected.length).toBeGreaterThan(20);
    expect((await upgradedAt.client.keys("ticktally:{7103*")).filter((name) => !name.endsWith(":meta"))).toEqual([]);
    // Restore the same state for the tests below.
    await upgradedAt.client.flushall();
    await restoreLayout1(upgradedAt.client);
    expect((await upgrading(upgradedAt.redis.url).ended).exitCode).toBe(0);
    expect(await storeSnapshot(upgradedAt.client)).toEqual(upgraded);
  });

  it("has nothing to do in a second run", async () => {
    const { exitCode, output } = await upgrading(upgradedAt.redis.url).ended;
    expect([exitCode, output]).toEqual([0, expect.stringContaining("Nothing to do")]);
    expect(await storeSnapshot(upgradedAt.client)).toEqual(upgraded);
  });

  it("has the same result if it is killed at any moment and run again", async () => {
    const { redis, client } = await emptyRedis();
    for (const kills of [
      [1, 22],
      [50, 7],
    ]) {
      await client.flushall();
      await restoreLayout1(client);
      for (const keptMs of kills) {
        const { child, ended } = upgrading(redis.url, ["--others"]);
        await until(
          "the upgrade has started",
          async () =>
            child.exitCode !== null ||
            (await client.keys("*importing")).length > 0 ||
            (await client.exists("ticktally:{registry}:registered")) === 1,
        );
        await wait(keptMs);
        child.kill("SIGKILL");
        await ended;
      }
      const { exitCode } = await upgrading(redis.url, ["--others"]).ended;
      expect(exitCode).toBe(0);
      expect(await storeSnapshot(client), `killed after ${kills.join(" ms and ")} ms`).toEqual(upgraded);
      const kindOf = (name: string) => name.replace(/\}:(?:\d+:)?/, "}:").replace(/:\d+$/, "");
      const kinds = async (of: Redis) => [...new Set((await of.keys("ticktally:{7103*")).map(kindOf))].toSorted();
      expect(await kinds(client)).toEqual(await kinds(upgradedAt.client));
    }
  }, 180_000);

  it("has the same result with the class as with the command", async () => {
    const { client } = await oldRedis();
    const upgrade = new Upgrade({ redis: client, keys, retentionDays: RETENTION_DAYS, now: Date.now });
    const report = await upgrade.run(() => undefined);
    expect(report?.damaged).toEqual([]);
    expect(await storeSnapshot(client)).toEqual(upgraded);
  });

  it("keeps version 0.1 from writing afterwards", async () => {
    const names = await upgradedAt.client.keys("*");
    for (const { name, call } of callsOfLayout1) {
      await expect(call(upgradedAt.client), name).rejects.toThrow();
      expect((await upgradedAt.client.keys("*")).toSorted()).toEqual(names.toSorted());
    }
    expect(callsOfLayout1).toHaveLength(3);
    expect(await storeSnapshot(upgradedAt.client)).toEqual(upgraded);
  });
});

describe("an export", () => {
  it("of version 0.1 can be imported, with the same result as the upgrade", async () => {
    const { redis, client } = await emptyRedis();
    const file = join(inject("runDir"), "upgrade-export-1");
    await exportOfLayout1(file);
    expect(await runBackupTool("import", { url: redis.url, file })).toMatchObject({ exitCode: 0 });
    const imported = await storeSnapshot(client);
    expect([...imported.instances.keys()].toSorted()).toEqual([...upgraded.instances.keys()].toSorted());
    for (const [id, known] of upgraded.instances) expect(imported.instances.get(id), id).toEqual(known);
    expect(imported.quarantine).toEqual(upgraded.quarantine);
  });

  it("of upgraded data can be imported unchanged", async () => {
    const { redis, client } = await emptyRedis();
    const file = join(inject("runDir"), "upgrade-export-2");
    expect(await runBackupTool("export", { url: upgradedAt.redis.url, file })).toMatchObject({ exitCode: 0 });
    expect(await readFile(file, "utf8")).toContain('"format":3');
    expect(await runBackupTool("import", { url: redis.url, file })).toMatchObject({ exitCode: 0 });
    expect(await storeSnapshot(client)).toEqual(upgraded);
  });
});
