import { CHAT_KINDS, type ChatKind, type InstanceEvent } from "@ticktally/core";
import { applyTo, HISTORY_START } from "@ticktally/core/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it, vi } from "vitest";
import { RedisChatUnion } from "./chat-union.ts";
import { HyperLogLog } from "./hyperloglog.ts";
import { testConnection, testKeys, testStore } from "../testing.ts";

const redis = testConnection("worker");
const keys = testKeys();
const store = testStore(redis, { keys, retentionDays: 30 });
const union = new RedisChatUnion(redis, keys);
const NOW = HISTORY_START * 1000;
let instances = 0;
const freshInstance = () => String(++instances);
let messages = 0;

afterAll(() => {
  redis.disconnect();
});

function messageIn(chatId: string): InstanceEvent {
  const idMessage = `M${++messages}`;
  const time = { at: HISTORY_START, receivedAt: HISTORY_START };
  return {
    kind: "observation",
    direction: "outgoing",
    origin: "api",
    idMessage,
    chatId,
    chatKind: kindOf(chatId),
    type: "text",
    ...time,
  };
}

function kindOf(chatId: string): ChatKind {
  if (chatId.endsWith("@g.us")) return "group";
  if (chatId.endsWith("@newsletter")) return "channel";
  return chatId === "status@broadcast" ? "status" : "individual";
}

async function instanceWith(chats: readonly string[]): Promise<string> {
  const instance = freshInstance();
  for (let from = 0; from < chats.length; from += 500)
    await applyTo(store, instance, chats.slice(from, from + 500).map(messageIn));
  return instance;
}

const people = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${79_000_000_000 + from + i}@c.us`);

describe("the unique chats of several instances", () => {
  it("count once if several instances have them, by kind", async () => {
    const a = await instanceWith([...people(0, 10), "1@g.us", "2@g.us", "x@newsletter", "status@broadcast"]);
    const b = await instanceWith([...people(5, 20), "2@g.us", "7@lid", "status@broadcast"]);
    expect(await union.uniqueChats([a, b])).toEqual({ individual: 21, group: 2, channel: 1, status: 1, broadcast: 0 });
    expect(await union.uniqueChats([a, a])).toEqual({ individual: 10, group: 2, channel: 1, status: 1, broadcast: 0 });
    expect(await union.uniqueChats([b, freshInstance()])).toEqual({
      individual: 16,
      group: 1,
      channel: 0,
      status: 1,
      broadcast: 0,
    });
  });

  it("are exact for 130 instances of up to 1,000 each", async () => {
    const many = await Promise.all(Array.from({ length: 128 }, async (_, i) => instanceWith(people(i, i + 3))));
    const large = await Promise.all([instanceWith(people(0, 1000)), instanceWith(people(500, 1500))]);
    expect((await union.uniqueChats([...many, ...large])).individual).toBe(1500);
  });

  // A HyperLogLog's standard error is 0.81 %.
  it("are within 2 % if one instance has more than 1,000", async () => {
    const large = await Promise.all([instanceWith(people(0, 4000)), instanceWith(people(3000, 6000))]);
    const small = await instanceWith([...people(5500, 6500), "1@g.us"]);
    const { individual, group } = await union.uniqueChats([...large, small]);
    expect(Math.abs(individual - 6500)).toBeLessThan(130);
    expect(group).toBe(1);
  });

  it("are those since the last deletion of an instance", async () => {
    const [a, b] = [await instanceWith(people(0, 1500)), await instanceWith(people(0, 3))];
    await store.forget(a);
    await applyTo(store, a, people(2, 5).map(messageIn));
    expect((await union.uniqueChats([a, b])).individual).toBe(5);
  });

  it("of one instance are the same as in its summary", async () => {
    const chats = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 });
    const server = fc.constantFrom("c.us", "g.us", "lid", "newsletter");
    const property = fc.asyncProperty(chats, server, async (users, at) => {
      const instance = await instanceWith(users.map((user) => `${user}@${at}`));
      const [summary] = await store.summaries([instance], NOW);
      const together = await union.uniqueChats([instance]);
      for (const kind of CHAT_KINDS) expect(together[kind]).toBe(summary?.uniqueChats[kind]);
    });
    await fc.assert(property, { numRuns: 30 });
  });
});

describe("the cached chats of several instances", () => {
  type Step =
    { readonly at: 0 | 1; readonly from: number; readonly size: number } | { readonly forget: 0 | 1 | "chat" };
  const some = fc.record({
    at: fc.constantFrom<0 | 1>(0, 1),
    from: fc.integer({ min: 0, max: 30 }),
    size: fc.integer({ min: 0, max: 12 }),
  });
  // Beyond 1,000 only a HyperLogLog is stored.
  const many = fc.record({ at: fc.constantFrom<0 | 1>(0, 1), from: fc.constant(0), size: fc.constant(1010) });
  const forget = fc.record({ forget: fc.constantFrom<0 | 1 | "chat">(0, 1, "chat") });
  const steps = fc.array(
    fc.oneof({ weight: 6, arbitrary: some }, { weight: 1, arbitrary: many }, { weight: 2, arbitrary: forget }),
    { minLength: 1, maxLength: 8 },
  );

  it("are always the same as without the cache", async () => {
    const property = fc.asyncProperty(steps, async (history: readonly Step[]) => {
      const ids = [freshInstance(), freshInstance()] as const;
      for (const step of history) {
        if ("from" in step) {
          const messagesOf = people(step.from, step.from + step.size).map(messageIn);
          for (let from = 0; from < messagesOf.length; from += 500)
            await applyTo(store, ids[step.at], messagesOf.slice(from, from + 500));
        } else if (step.forget === "chat") await store.forgetChat(ids[0], people(3, 4)[0] ?? "");
        else await store.forget(ids[step.forget]);
        const versions = (await store.summaries(ids, NOW)).map(({ chatsVersion }) => chatsVersion);
        const fresh = await new RedisChatUnion(redis, keys).uniqueChats(ids);
        expect(await union.uniqueChats(ids, versions)).toEqual(fresh);
        expect(await union.uniqueChats(ids, versions)).toEqual(fresh);
      }
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("are only read again for instances that have changed", async () => {
    const ids = [await instanceWith(people(0, 5)), await instanceWith(people(3, 9)), freshInstance()];
    const own = testConnection("worker");
    const asked = vi.spyOn(own, "sendCommand");
    const cached = new RedisChatUnion(own, keys);
    const ask = async () => {
      const versions = (await store.summaries(ids, NOW)).map(({ chatsVersion }) => chatsVersion);
      asked.mockClear();
      const { individual } = await cached.uniqueChats(ids, versions);
      return {
        individual,
        asked: asked.mock.calls.map(([command]) =>
          command.args.find((arg) => ids.some((id) => String(arg) === keys.instance(id))),
        ),
      };
    };
    expect((await ask()).individual).toBe(9);
    expect(await ask()).toEqual({ individual: 9, asked: [] });
    await applyTo(store, ids[1] ?? "", people(3, 12).map(messageIn));
    expect(await ask()).toEqual({ individual: 12, asked: [keys.instance(ids[1] ?? "")] });
    own.disconnect();
  });
});

describe("HyperLogLog", () => {
  const key = (name: string) => `${keys.instance("hyperloglog")}${name}`;
  const member = (i: number) => Buffer.from(`${"x".repeat(i % 23)}${i}`);

  it.each([0, 1, 2, 100, 800, 5000, 60_000])(
    "counts %i members as Redis does, in sparse and dense encoding",
    async (n) => {
      const members = Array.from({ length: n }, (_, i) => member(i));
      for (let from = 0; from < n; from += 1000) await redis.pfadd(key(`n${n}`), ...members.slice(from, from + 1000));
      const expected = await redis.pfcount(key(`n${n}`));
      const [own, read] = [new HyperLogLog(), new HyperLogLog()];
      for (const one of members) own.add(one);
      read.merge((await redis.getBuffer(key(`n${n}`))) ?? Buffer.alloc(0));
      expect([own.count(), read.count()]).toEqual([expected, expected]);
    },
  );

  it("merges as Redis does, in all combinations", async () => {
    const size = fc.integer({ min: 0, max: 3000 });
    const part = fc.record({ from: fc.integer({ min: 0, max: 3000 }), size });
    let runs = 0;
    const property = fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), part, async (stored, added) => {
      const membersOf = ({ from, size }: { from: number; size: number }) =>
        Array.from({ length: size }, (_, i) => member(from + i));
      const names = [...stored, added].map((_, i) => key(`merge${++runs}-${i}`));
      const merged = new HyperLogLog();
      for (const [i, one] of [...stored, added].entries()) await redis.pfadd(names[i] ?? "", ...membersOf(one));
      for (const name of names.slice(0, -1)) merged.merge((await redis.getBuffer(name)) ?? Buffer.alloc(0));
      for (const one of membersOf(added)) merged.add(one);
      expect(merged.count()).toBe(await redis.pfcount(...names));
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("refuses other data", () => {
    expect(() => new HyperLogLog().merge(Buffer.from("HELLO, I AM NOT ONE"))).toThrow(RangeError);
  });
});
