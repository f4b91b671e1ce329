import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { type Counter } from "../packages/core/src/index.ts";
import { Keys, openMessageStores, Upgrade } from "../packages/redis/src/index.ts";
import { runBackupTool } from "./support/backup-tool.ts";
import { callsOfLayout1, exportOfLayout1 } from "./support/layout-1.ts";
import { emptyRedis, oldRedis, stopAll } from "./support/old-data.ts";
import {
  storeSnapshot,
  oldTotals,
  RETENTION_DAYS,
  sumOf,
  typesIn,
  withoutLatencies,
} from "./support/store-snapshot.ts";
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

/** What version 0.1 had stored. */
const old = { names: {} as Record<string, string>, quarantined: 0, tokens: 0 };
/** Upgraded by the class. */
let classUpgraded: Awaited<ReturnType<typeof emptyRedis>>;
/** How many commands the class sends for a whole upgrade. */
let commands = 0;

afterAll(stopAll);

/** As `expect(…).toEqual(upgraded)`, which takes long if there is nothing to report. */
function expectUpgraded(snapshot: typeof upgraded): void {
  if (!isDeepStrictEqual(snapshot, upgraded)) expect(snapshot).toEqual(upgraded);
}

const upgradeOf = (client: Redis) => new Upgrade({ redis: client, keys, retentionDays: RETENTION_DAYS, now: Date.now });

/** @returns how many commands were sent since */
function countCommands(client: Redis, onCommand: (sent: number) => void = () => undefined): () => number {
  let sent = 0;
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    const answer = send(command, stream);
    sent += 1;
    onCommand(sent);
    return answer;
  };
  return () => sent;
}

/** Run an upgrade whose connection ends for good after some commands, the last of which Redis may or may not have executed. */
async function upgradeCutAfter(url: string, sentMax: number): Promise<void> {
  const client = new Redis(url, { retryStrategy: null, connectionName: "ticktally" });
  await client.ping();
  countCommands(client, (sent) => {
    if (sent === Math.ceil(sentMax)) client.disconnect();
  });
  await upgradeOf(client).run(() => undefined);
}

describe("the upgrade", () => {
  beforeAll(async () => {
    upgradedAt = await oldRedis();
    old.names = await upgradedAt.client.hgetall("ticktally:{registry}:instances");
    old.quarantined = await upgradedAt.client.hlen("ticktally:{registry}:quarantine");
    old.tokens = await upgradedAt.client.hlen("ticktally:{registry}:tokens");
    before = new Map();
    for (const id of Object.keys(old.names)) before.set(id, await oldTotals(upgradedAt.client, id));
    const { exitCode, output } = await upgrading(upgradedAt.redis.url).ended;
    expect(output).toMatch(/Upgraded \d+ instances with \d+ messages/);
    expect(exitCode).toBe(0);
    upgraded = await storeSnapshot(upgradedAt.client);
  });

  it("keeps every instance, name, token and upstream, the quarantine and the settings", () => {
    expect(Object.fromEntries([...upgraded.instances].map(([id, { name }]) => [id, name]))).toEqual(old.names);
    expect(upgraded.quarantine.entries.length).toBe(old.quarantined);
    expect(upgraded.instances.get("7103000005")?.settings).toEqual({ ignoreGroupMessages: true });
    const all = [...upgraded.instances.values()];
    expect(all.filter(({ upstream }) => upstream !== undefined)).toHaveLength(1);
    expect(all.filter(({ run }) => run !== undefined)).toHaveLength(1);
    expect(all.flatMap(({ tokens }) => tokens)).toHaveLength(old.tokens);
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

  it("has nothing to do in a second run", async () => {
    const { exitCode, output } = await upgrading(upgradedAt.redis.url).ended;
    expect([exitCode, output]).toEqual([0, expect.stringContaining("Nothing to do")]);
    expectUpgraded(await storeSnapshot(upgradedAt.client));
  });

  it("has the same result with the class as with the command", async () => {
    classUpgraded = await oldRedis();
    const { client } = classUpgraded;
    const sent = countCommands(client);
    const report = await upgradeOf(client).run(() => undefined);
    commands = sent();
    expect(report?.damaged).toEqual([]);
    expectUpgraded(await storeSnapshot(client));
  });

  // On the data that the class has upgraded.
  it("allows labels on upgraded messages, and a second upgrade keeps the labels and their counts", async () => {
    const { redis, client } = classUpgraded;
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

  // A connection that ends is to Redis what a killed process is, and it can end after any command.
  it.each([
    [0.02, 0.4],
    [0.7, 0.15],
  ])("has the same result if it is killed after %d and %d of its commands, and run again", async (...parts) => {
    const { redis, client } = await oldRedis();
    for (const part of parts) await expect(upgradeCutAfter(redis.url, part * commands)).rejects.toThrow();
    await upgradeOf(client).run(() => undefined);
    expectUpgraded(await storeSnapshot(client));
    const kindOf = (name: string) => name.replace(/\}:(?:\d+:)?/, "}:").replace(/:\d+$/, "");
    const kinds = async (of: Redis) => [...new Set((await of.keys("ticktally:{7103*")).map(kindOf))].toSorted();
    expect(await kinds(client)).toEqual(await kinds(upgradedAt.client));
  });

  it("keeps version 0.1 from writing afterwards", async () => {
    const names = await upgradedAt.client.keys("*");
    for (const { name, call } of callsOfLayout1) {
      await expect(call(upgradedAt.client), name).rejects.toThrow();
      expect((await upgradedAt.client.keys("*")).toSorted()).toEqual(names.toSorted());
    }
    expect(callsOfLayout1).toHaveLength(3);
    expectUpgraded(await storeSnapshot(upgradedAt.client));
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
    expectUpgraded(await storeSnapshot(client));
  });
});

describe("the keys of version 0.1", () => {
  it("are gone after the upgrade, and the new ones after their instances are deleted", async () => {
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
  });
});
