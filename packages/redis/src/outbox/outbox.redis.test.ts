import type { InstanceEvent, InstanceId, Progress, Transition } from "@ticktally/core";
import { Redis } from "ioredis";
import { afterAll, describe, expect, it } from "vitest";
import { INSTANCE_KEYS } from "../keys.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";
import { comparePositions, positionAt, type OutboxPosition } from "./outbox-position.ts";
import { OutboxReader, type OutboxEvent } from "./outbox-reader.ts";
import { Outbox } from "./outbox.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

const AT = Math.floor(Date.now() / 1000) - 3600;
const PROGRESS: readonly Progress[] = ["sent", "delivered", "read"];
const numbers = (length: number) => Array.from({ length }, (_, i) => i);

function status(idMessage: string, word: Progress, at = AT): InstanceEvent {
  return { kind: "status", status: word, idMessage, origin: "api", at, receivedAt: AT };
}

/** Outboxes of a test of its own: tests run concurrently, because each waits until its request is in force. */
function fresh() {
  const keys = testKeys();
  const outbox = new Outbox(redis, keys);
  /** All events until the end of the outbox. */
  const allOf = async (reader: OutboxReader, instances: readonly InstanceId[]) => {
    // Entries of the current millisecond are only read in the next one.
    const target = positionAt((await outbox.now()) + 1);
    const all: OutboxEvent[] = [];
    while (comparePositions(reader.position, target) < 0) all.push(...(await reader.next(instances)).events);
    return all;
  };
  const keyOf = (instance: InstanceId) => keys.instance(instance) + INSTANCE_KEYS.OUTBOX;
  return {
    keys,
    outbox,
    keyOf,
    allOf,
    /** Fill the outbox of instance 1 with one-message entries, up to its limit and beyond. */
    fill: async (entries: number, from = 0) => {
      const begun = (await outbox.now()) - 300_000;
      const commands = redis.pipeline();
      for (const i of numbers(entries).map((n) => n + from))
        commands.xadd(keyOf("1"), begun + i, "t", `[["M${String(i)}",1,-1,2,1,-1]]`);
      await commands.exec();
    },
    readAll: async (instances: readonly InstanceId[], from: OutboxPosition = positionAt(0)) =>
      allOf(new OutboxReader(outbox, from), instances),
    worker: () => testStore(redis, { keys, retentionDays: 30 }),
  };
}

const shown = (events: readonly OutboxEvent[]) =>
  events.map(({ transition: t }) => t && `${t.idMessage} ${String(t.before)} ${String(t.after)}`);

describe.concurrent("an outbox", () => {
  it("does not exist without a request, and starts with the first commit once one is in force", async () => {
    const { outbox, readAll, worker, keyOf } = fresh();
    const store = worker();
    await store.apply([{ instance: "1", events: [status("A", "sent")] }]);
    expect(await redis.exists(keyOf("1"))).toBe(0);
    expect(await outbox.wantedUntil("1")).toBe(0);
    await outbox.want(["1"], 600);
    expect(await outbox.wantedUntil("1")).toBeGreaterThan(Date.now() / 1000 + 500);
    expect(await outbox.wantedUntil("2")).toBe(0);
    await store.apply(["1", "2"].map((instance) => ({ instance, events: [status("A", "read", AT + 5)] })));
    expect(await redis.exists(keyOf("2"))).toBe(0);
    expect((await readAll(["1", "2"])).map(({ transition }) => transition)).toEqual([
      { idMessage: "A", direction: "outgoing", before: "sent", after: "read", at: AT + 5 },
    ]);
  });

  it("does not exist if the request has ended", async () => {
    const { keys, outbox, worker, keyOf } = fresh();
    await redis.zadd(keys.outboxesWanted, Math.floor(Date.now() / 1000) - 1, "*");
    await worker().apply([{ instance: "1", events: [status("A", "sent")] }]);
    expect(await redis.exists(keyOf("1"))).toBe(0);
    expect(await outbox.wantedUntil("1")).toBe(0);
  });

  it("records that something was counted without a change of status", async () => {
    const { outbox, readAll, worker } = fresh();
    await outbox.want("all", 600);
    const [store, events] = [worker(), [status("A", "sent")]];
    await store.apply([{ instance: "1", events }]);
    await store.apply([{ instance: "1", events }]);
    expect(shown(await readAll(["1"]))).toEqual(["A null sent", undefined]);
  });

  it("contains all 500 messages of a commit with the longest ids, in order", async () => {
    const { outbox, readAll, worker, keyOf } = fresh();
    await outbox.want("all", 600);
    const ids = numbers(500).map((i) => `${String(i)}${"\u{1F600}\n\0".repeat(60)}`);
    await worker().apply([{ instance: "1", events: ids.map((id) => status(id, "sent")) }]);
    expect(shown(await readAll(["1"]))).toEqual(ids.map((id) => `${id} null sent`));
    for (const [, fields] of await redis.xrange(keyOf("1"), "-", "+"))
      expect(Buffer.byteLength(fields[1] ?? "")).toBeLessThan(6_000);
  });

  it("is limited in age and number, and expires without requests", async () => {
    const { outbox, worker, keyOf } = fresh();
    await outbox.want("all", 600);
    const [store, old] = [worker(), Date.now() - 3_600_000];
    const fill = redis.pipeline();
    for (const i of numbers(1_000)) fill.xadd(keyOf("1"), old + i, "t", "[]");
    for (const i of numbers(6_000)) fill.xadd(keyOf("2"), Date.now() - 60_000 + i, "t", "[]");
    await fill.exec();
    await store.apply(["1", "2"].map((instance) => ({ instance, events: [status("A", "sent")] })));
    expect(await redis.xlen(keyOf("1"))).toBeLessThan(150);
    expect(await redis.xlen(keyOf("2"))).toBeLessThan(4_150);
    for (const key of ["1", "2"].map(keyOf)) {
      expect(await redis.ttl(key)).toBeGreaterThan(500);
      expect(await redis.ttl(key)).toBeLessThanOrEqual(600);
    }
  });

  it("is kept as long as there is a request for it, if that is longer", async () => {
    const { outbox, worker, keyOf } = fresh();
    await outbox.want(["1"], 7_200);
    await outbox.want("all", 600);
    const fill = redis.pipeline();
    for (const i of numbers(1_000)) fill.xadd(keyOf("1"), Date.now() - 3_600_000 + i, "t", "[]");
    await fill.exec();
    await worker().apply([{ instance: "1", events: [status("A", "sent")] }]);
    expect(await redis.xlen(keyOf("1"))).toBe(1_001);
    expect(await redis.ttl(keyOf("1"))).toBeGreaterThan(7_000);
  });

  it("costs no bytes without a request", async () => {
    const { keys, outbox } = fresh();
    const connection = testConnection("worker");
    const store = testStore(connection, { keys, retentionDays: 30 });
    await connection.ping();
    const bytesWritten = () => (connection instanceof Redis ? connection.stream.bytesWritten : NaN);
    /** The minimum bytes of a repeated commit, because one commit a second also reads the requests. */
    const sent = async (instance: string) => {
      const bytes: number[] = [];
      for (let i = 0; i < 6; i++) {
        const begun = bytesWritten();
        await store.apply([{ instance, events: [status("A", "sent")] }]);
        bytes.push(bytesWritten() - begun);
      }
      return Math.min(...bytes);
    };
    const never = await sent("1001");
    await outbox.want(["1002"], 600);
    const [wanted, other] = [await sent("1002"), await sent("1003")];
    expect(wanted).toBeGreaterThan(never);
    expect(other).toBe(never);
    connection.disconnect();
  });

  it("is deleted with its instance", async () => {
    const { outbox, worker, keyOf } = fresh();
    await outbox.want("all", 600);
    const store = worker();
    await store.apply([{ instance: "1", events: [status("A", "sent")] }]);
    await store.forget("1");
    expect(await redis.exists(keyOf("1"))).toBe(0);
  });

  it("does not stop counting if its keys are damaged", async () => {
    const { keys, outbox, worker, keyOf } = fresh();
    await outbox.want("all", 600);
    await redis.set(keyOf("1"), "no stream");
    const damaged: string[] = [];
    const store = testStore(redis, { keys, retentionDays: 30, onDamage: (id) => damaged.push(id) });
    expect(await store.apply([{ instance: "1", events: [status("A", "sent")] }])).toEqual([["created"]]);
    expect(damaged).toEqual(["1"]);
    await redis.set(keys.outboxesWanted, "no list");
    expect(await worker().apply([{ instance: "1", events: [status("B", "sent")] }])).toEqual([["created"]]);
  });
});

describe.concurrent("a reader", () => {
  it("is notified if entries were trimmed before it read them, with the instance", async () => {
    const { outbox, worker, keyOf, fill } = fresh();
    await outbox.want("all", 600);
    await fill(4_200);
    await worker().apply(["1", "2"].map((instance) => ({ instance, events: [status("A", "sent")] })));
    const [oldest] = await redis.xrange(keyOf("1"), "-", "+", "COUNT", 1);
    const first = Number(oldest?.[0].split("-")[0]);
    const behind = new OutboxReader(outbox, positionAt(first - 50));
    expect((await behind.next(["1", "2"])).trimmed).toEqual(["1"]);
    const justThere = new OutboxReader(outbox, positionAt(first + 1));
    expect((await justThere.next(["1", "2"])).trimmed).toEqual([]);
  });

  it("is notified if entries are trimmed while it reads", async () => {
    const { outbox, worker, fill } = fresh();
    await outbox.want("all", 600);
    await fill(10);
    const reader = new OutboxReader(outbox, positionAt(0));
    expect((await reader.next(["1"])).trimmed).toEqual([]);
    await fill(4_300, 10);
    await worker().apply([{ instance: "1", events: [status("A", "sent")] }]);
    expect((await reader.next(["1"])).trimmed).toEqual(["1"]);
    expect((await reader.next(["1"])).trimmed).toEqual([]);
  });

  it("keeps a limited number of entries in memory, and still reads everything", async () => {
    const { outbox, allOf, worker } = fresh();
    await outbox.want("all", 600);
    const ids = numbers(400).map((i) => `${String(i)}-${"x".repeat(200)}`);
    const instances = numbers(5).map((i) => String(i + 1));
    for (const part of [0, 1, 2, 3])
      for (const instance of instances)
        await worker().apply([
          { instance, events: ids.slice(100 * part, 100 * part + 100).map((id) => status(id, "sent")) },
        ]);
    const reader = new OutboxReader(outbox, positionAt(0), 10_000);
    let all = 0;
    for (let isMore = true; isMore;) {
      const next = await reader.next(instances);
      expect(JSON.stringify(next.events.map(({ transition }) => transition?.idMessage)).length).toBeLessThan(10_000);
      ({ isMore } = next);
      all += next.events.length;
    }
    expect(all + (await allOf(reader, instances)).length).toBe(5 * 400);
  });
});

describe.concurrent("readers", () => {
  const instances = numbers(300).map((i) => String(100 + i));

  it("read everything once in the same order, from any position, while several workers write", async () => {
    const { outbox, allOf, readAll, worker } = fresh();
    await outbox.want("all", 600);
    const live = new OutboxReader(outbox, positionAt(await outbox.now()));
    const seen: OutboxEvent[] = [];
    let isWriting = true;
    const writers = numbers(3).map(async (w) => {
      const store = worker();
      for (const word of PROGRESS)
        for (const part of numbers(10))
          await store.apply(
            instances
              .filter((_, i) => i % 30 === part + 10 * w)
              .map((instance) => ({ instance, events: numbers(40).map((m) => status(`M${String(m)}`, word)) })),
          );
    });
    const reading = (async () => {
      while (isWriting) seen.push(...(await live.next(instances)).events);
    })();
    await Promise.all(writers);
    isWriting = false;
    await reading;
    seen.push(...(await allOf(live, instances)));

    const chains = new Map<string, Transition["after"][]>();
    seen.forEach(({ position, transition: t }, i) => {
      const before = seen[i - 1];
      if (before !== undefined) expect(comparePositions(before.position, position)).toBeLessThan(0);
      if (t === undefined) return;
      const chain = chains.get(`${position.instance} ${t.idMessage}`) ?? [];
      expect(t.before).toBe(chain.at(-1) ?? null);
      chains.set(`${position.instance} ${t.idMessage}`, [...chain, t.after]);
    });
    expect(chains.size).toBe(300 * 40);
    for (const chain of chains.values()) expect(chain).toEqual(PROGRESS);

    for (const place of [0, 1, 777, seen.length - 2]) {
      const from = seen[place]?.position ?? positionAt(0);
      expect(await readAll(instances, from)).toEqual(seen.slice(place + 1));
    }
  });
});
