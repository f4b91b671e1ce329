import { StoreUnavailableError, type InstanceEvent } from "@ticktally/core";
import { applyTo, everything, HISTORY_START, MemoryMessageStore } from "@ticktally/core/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TcpProxy } from "../../../../tests/faults/tcp-proxy.ts";
import { freePort } from "../../../../tests/support/free-port.ts";
import { startOwnRedis, type OwnRedis } from "../../../../tests/support/own-redis.ts";
import { until } from "../../../../tests/support/until.ts";
import { connect, type RedisClient } from "../connection/connection.ts";
import { Keys } from "../keys.ts";
import { testStore, type TestStore } from "../testing.ts";

const keys = new Keys();
let dir: string;
let own: OwnRedis;
let redis: RedisClient;
let instances = 100;
const freshInstance = () => String(++instances);

const target = (url: string, commandTimeoutMs: number) => {
  return { url, cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs };
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "ticktally-outages-"));
  own = await startOwnRedis({ dir, durability: "fast", port: await freePort() });
  redis = connect(target(own.url, 10_000), "worker", () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await own.stop();
  await rm(dir, { recursive: true, force: true });
});

function events(from: number, to: number): InstanceEvent[] {
  return Array.from({ length: to - from }, (_, i) => from + i).flatMap((i): InstanceEvent[] => {
    const chatId = `${String(79_000_000_000 + i)}@c.us`;
    const base = {
      kind: "status",
      idMessage: `M${String(i)}`,
      origin: "api",
      receivedAt: HISTORY_START + i + 5,
    } as const;
    return [
      { ...base, chatId, status: "sent", at: HISTORY_START + i },
      { ...base, chatId, status: "failed", reason: "other", description: "why", at: HISTORY_START + i + 1 },
      { ...base, chatId: "79111111111@c.us", status: "read", at: HISTORY_START + i + 2 },
    ];
  });
}

async function orderFree(of: TestStore | MemoryMessageStore, instance: string, all: readonly InstanceEvent[]) {
  const { summary, ...rest } = await everything(of, instance, all);
  const counts = [...(summary.counts ?? [])].filter(([counter]) => !counter.startsWith("outcomes/"));
  return { ...rest, summary: { ...summary, counts: new Map(counts.toSorted()), retracted: undefined } };
}

/** All keys with their content. */
async function dump(): Promise<ReadonlyMap<string, string | undefined>> {
  const names = (await redis.keys("*")).toSorted();
  return new Map(
    await Promise.all(names.map(async (n) => [n, (await redis.dumpBuffer(n))?.toString("base64")] as const)),
  );
}

describe("a full Redis", () => {
  it("refuses a commit before anything is written, and counts everything once when it has space", async () => {
    const [known, fresh, memory] = [freshInstance(), freshInstance(), new MemoryMessageStore()];
    const [shorter, longer] = [30, 60].map((retentionDays) => testStore(redis, { keys, retentionDays }));
    if (shorter === undefined || longer === undefined) throw new Error("there are two");
    await applyTo(shorter, known, events(0, 100));
    const before = await dump();
    await redis.config("SET", "maxmemory", "1mb");
    // Some messages move to another period, some are new, and one instance is new.
    const batches = [known, fresh].map((instance) => ({ instance, events: [...events(0, 50), ...events(100, 150)] }));
    const read = events(0, 50).map((event) => ({ ...event, status: "read", at: HISTORY_START + 999 }) as InstanceEvent);
    for (const store of [shorter, longer]) {
      await expect(store.apply(batches)).rejects.toThrow(StoreUnavailableError);
      await expect(store.apply([{ instance: known, events: read }])).rejects.toThrow(StoreUnavailableError);
      await expect(store.forgetChat(known, "79111111111@c.us")).rejects.toThrow(StoreUnavailableError);
    }
    expect(await dump()).toEqual(before);
    await redis.config("SET", "maxmemory", "0");
    await longer.apply(batches);
    await longer.apply(batches);
    for (const instance of [known, fresh]) {
      const all = instance === known ? events(0, 150) : [...events(0, 50), ...events(100, 150)];
      await applyTo(memory, instance, all);
      expect(await orderFree(longer, instance, all)).toEqual(await orderFree(memory, instance, all));
    }
  });
});

describe("a lost reply", () => {
  it("counts nothing twice when the call is repeated, also for a new instance", async () => {
    const proxy = await TcpProxy.start(own.port);
    const url = new URL(own.url);
    url.port = String(proxy.port);
    const client = connect(target(url.href, 300), "reader", () => undefined);
    await until("it is connected", () => client.status === "ready");
    const store = testStore(client, { keys, retentionDays: 30 });
    const [instance, other, memory] = [freshInstance(), freshInstance(), new MemoryMessageStore()];
    const straight = testStore(redis, { keys, retentionDays: 30 });
    let lost = 0;
    // Replies to reads arrive. The commit is stored, and only its reply is lost.
    let isToBeLost = false;
    const commit = client.commitBatch.bind(client);
    client.commitBatch = async (...args) => {
      if (isToBeLost) proxy.set("mute");
      return commit(...args);
    };
    for (let round = 0; round < 8; round++) {
      const some = events(10 * round, 10 * round + 20);
      const batches = [instance, other].map((id) => ({ instance: id, events: some }));
      // Some messages are stored already.
      if (round % 2 === 1) await store.apply([{ instance, events: some.slice(0, 3) }]);
      isToBeLost = true;
      await store.apply(batches).catch((error: unknown) => {
        expect(error).toBeInstanceOf(StoreUnavailableError);
        lost += 1;
      });
      isToBeLost = false;
      expect((await straight.message(other, `M${String(10 * round + 19)}`, "outgoing"))?.isKnown).toBe(true);
      // The reply is late, or never sent.
      if (round % 4 < 2) proxy.set("cut");
      proxy.set("open");
      // Another writer in between, which may see the stored commit.
      if (round % 3 === 0) await straight.apply(batches);
      await until("it is stored", async () => {
        try {
          await store.apply(batches);
          return true;
        } catch {
          return false;
        }
      });
    }
    expect(lost).toBe(8);
    const all = events(0, 90);
    for (const id of [instance, other]) {
      await applyTo(memory, id, all);
      expect(await orderFree(straight, id, all)).toEqual(await orderFree(memory, id, all));
    }
    client.disconnect();
    await proxy.stop();
  });
});

describe("a master of a cluster that is away", () => {
  it("is reported once no other master has anything left to do, which is stored", async () => {
    const client = connect(target(own.url, 10_000), "reader", () => undefined);
    await until("it is connected", () => client.status === "ready");
    // As in a cluster, each instance has a call of its own.
    Object.assign(client, { isCluster: true });
    const store = testStore(client, { keys, retentionDays: 30 });
    const [away, other] = [freshInstance(), freshInstance()];
    const commit = client.commitBatch.bind(client);
    let [calls, isReported, goOn]: [number, boolean, () => void] = [0, false, () => undefined];
    const held = new Promise<void>((resolve) => (goOn = resolve));
    client.commitBatch = async (...args) => {
      calls += 1;
      if (args.includes(keys.instance(away))) throw new Error("the connection is closed");
      await held;
      return commit(...args);
    };
    const applied = store.apply([away, other].map((instance) => ({ instance, events: events(0, 3) })));
    const reported = applied.catch((error: unknown) => {
      isReported = true;
      return error;
    });
    await until("both are under way", () => calls === 2);
    await client.ping();
    expect(isReported).toBe(false);
    goOn();
    expect(await reported).toBeInstanceOf(StoreUnavailableError);
    expect((await everything(store, other, events(0, 3))).messages).not.toEqual([]);
    client.disconnect();
  });
});
