import type { InstanceEvent, InstanceId, Progress, Transition } from "@ticktally/core";
import { Redis } from "ioredis";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";
import { comparePositions, positionAt, type OutboxPosition } from "./outbox-position.ts";
import { OutboxReader, type OutboxEvent } from "./outbox-reader.ts";
import { Outbox } from "./outbox.ts";

const redis = testConnection("worker");
afterAll(() => {
  redis.disconnect();
});

let keys: Keys;
let outbox: Outbox;
beforeEach(() => {
  keys = testKeys();
  outbox = new Outbox(redis, keys);
});

const AT = Math.floor(Date.now() / 1000) - 3600;
const PROGRESS: readonly Progress[] = ["sent", "delivered", "read"];
const worker = () => testStore(redis, { keys, retentionDays: 30 });
const numbers = (length: number) => Array.from({ length }, (_, i) => i);
const keyOf = (instance: InstanceId) => keys.instance(instance) + INSTANCE_KEYS.OUTBOX;

function status(idMessage: string, word: Progress, at = AT): InstanceEvent {
  return { kind: "status", status: word, idMessage, origin: "api", at, receivedAt: AT };
}

/** All events until the end of the outbox. */
async function allOf(reader: OutboxReader, instances: readonly InstanceId[]): Promise<readonly OutboxEvent[]> {
  // Entries of the current millisecond are only read in the next one.
  const target = positionAt((await outbox.now()) + 1);
  const all: OutboxEvent[] = [];
  while (comparePositions(reader.position, target) < 0) all.push(...(await reader.next(instances)).events);
  return all;
}

async function readAll(instances: readonly InstanceId[], from: OutboxPosition = positionAt(0)) {
  return allOf(new OutboxReader(outbox, from), instances);
}

const shown = (events: readonly OutboxEvent[]) =>
  events.map(({ transition: t }) => t && `${t.idMessage} ${String(t.before)} ${String(t.after)}`);

describe("an outbox", () => {
  it("does not exist without a request, and starts with the first commit once one is in force", async () => {
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

  it("records that something was counted without a change of status", async () => {
    await outbox.want("all", 600);
    const [store, events] = [worker(), [status("A", "sent")]];
    await store.apply([{ instance: "1", events }]);
    await store.apply([{ instance: "1", events }]);
    expect(shown(await readAll(["1"]))).toEqual(["A null sent", undefined]);
  });

  it("contains all 500 messages of a commit with the longest ids, in order", async () => {
    await outbox.want("all", 600);
    const ids = numbers(500).map((i) => `${String(i)}${"\u{1F600}\n\0".repeat(60)}`);
    await worker().apply([{ instance: "1", events: ids.map((id) => status(id, "sent")) }]);
    expect(shown(await readAll(["1"]))).toEqual(ids.map((id) => `${id} null sent`));
    for (const [, fields] of await redis.xrange(keyOf("1"), "-", "+"))
      expect(Buffer.byteLength(fields[1] ?? "")).toBeLessThan(6_000);
  });

  it("is limited in age and number, and expires without requests", async () => {
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
    await outbox.want("all", 600);
    const store = worker();
    await store.apply([{ instance: "1", events: [status("A", "sent")] }]);
    await store.forget("1");
    expect(await redis.exists(keyOf("1"))).toBe(0);
  });

  it("does not stop counting if its keys are damaged", async () => {
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

describe("a request for outbox events", () => {
  it("for more instances than the limit is one for all instances", async () => {
    await outbox.want(numbers(1_500).map(String), 600);
    await outbox.want(
      numbers(1_500).map((i) => String(5_000 + i)),
      600,
    );
    expect(await outbox.wantedUntil("nobody-asked")).toBeGreaterThan(0);
    expect(await redis.zcard(keys.outboxesWanted)).toBeLessThanOrEqual(2_000);
  });

  it("is in force from the same time for all its readers, even if it is repeated, until it ends", async () => {
    const begun = await outbox.want(["1"], 600);
    expect(begun).toBeLessThanOrEqual(await outbox.now());
    expect(await outbox.want(["1"], 700)).toBe(begun);
    expect(await new Outbox(redis, keys).want(["1"], 600)).toBe(begun);
    const wider = await outbox.want(["1", "2"], 600);
    expect(wider).toBeGreaterThan(begun);
    const all = await outbox.want("all", 600);
    expect(all).toBeGreaterThan(wider);
    expect(await outbox.want(["3"], 600)).toBe(all);
    expect(await outbox.want(["1"], 600)).toBe(begun);
    const ended = Math.floor(Date.now() / 1000) - 1;
    for (const member of ["1", "*"]) await redis.zadd(keys.outboxesWanted, String(ended), member);
    expect(await outbox.want(["1"], 600)).toBeGreaterThan(all);
    expect(await redis.zrange(keys.outboxesWantedSince, "0", "-1")).toEqual(["2", "3", "1"]);
  });

  it("is also awaited by another process that makes the same request before it is in force", async () => {
    const first = outbox.want("all", 600);
    const other = new Outbox(redis, keys);
    await vi.waitUntil(async () => (await redis.exists(keys.outboxesWanted)) === 1);
    const begun = await other.want(["1"], 600);
    expect(begun).toBe(await first);
    expect(await other.now()).toBeGreaterThanOrEqual(begun);
  });

  it("that has ended has no effect", async () => {
    await redis.zadd(keys.outboxesWanted, Math.floor(Date.now() / 1000) - 1, "*");
    await worker().apply([{ instance: "1", events: [status("A", "sent")] }]);
    expect(await redis.exists(keyOf("1"))).toBe(0);
    expect(await outbox.wantedUntil("1")).toBe(0);
  });
});

describe("a reader", () => {
  /** Fill the outbox with one-message entries up to its limit and beyond, so that the first ones are removed. */
  async function fill(entries: number, from = 0): Promise<void> {
    const begun = (await outbox.now()) - 300_000;
    const commands = redis.pipeline();
    for (const i of numbers(entries))
      commands.xadd(keyOf("1"), begun + from + i, "t", `[["M${String(from + i)}",1,-1,2,1,-1]]`);
    await commands.exec();
  }

  it("is notified if entries were trimmed before it read them, with the instance", async () => {
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

describe("readers", () => {
  const instances = numbers(300).map((i) => String(100 + i));

  it("read everything once in the same order, from any position, while several workers write", async () => {
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
