import { afterEach, beforeEach, expect, it } from "vitest";
import { EventFeed } from "../apps/forwarder/src/event-feed.ts";
import type { KnownTarget } from "../apps/forwarder/src/known-targets.ts";
import { EventLanes, Outbox } from "../packages/redis/src/index.ts";
import { testStore } from "../packages/redis/src/testing.ts";
import { ForwardingRig } from "./support/forwarding-rig.ts";
import { until } from "./support/until.ts";

let rig: ForwardingRig;
let known: KnownTarget[];
let lanes: EventLanes;
/** Whether events cannot be stored. */
let isBroken: boolean;
beforeEach(async () => {
  rig = await ForwardingRig.start();
  [known, isBroken] = [[], false];
  const { redis, keys, cipher } = rig;
  lanes = new EventLanes(redis, { keys, cipher, laneBytesMax: 100_000, allBytesMax: () => 1_000_000 });
});
afterEach(async () => rig.stop());

function feed(): EventFeed {
  const { redis, keys } = rig;
  return new EventFeed({
    known: {
      get all() {
        return known;
      },
    },
    outbox: new Outbox(redis, keys),
    lanes: {
      hold: async () => lanes.hold(),
      append: async (...given) => (isBroken ? Promise.reject(new Error("broken")) : lanes.append(...given)),
      end: async () => lanes.end(),
    },
    registry: {
      slices: async function* () {
        yield await Promise.resolve([{ id: "1", name: "1" }]);
      },
    },
    wake: async () => Promise.resolve(),
    onError: () => undefined,
    now: () => Date.now(),
  });
}

async function addTarget(createdAtMs: number): Promise<KnownTarget> {
  const target = await rig.addTarget("https://example.com/", {
    mode: "events",
    createdAt: Math.floor(createdAtMs / 1000),
  });
  return { ...target, secrets: { idKey: "" } };
}

async function send(idMessage: string, instance = "1"): Promise<void> {
  const at = Math.floor(Date.now() / 1000);
  const event = { kind: "status", status: "sent", idMessage, origin: "api", at, receivedAt: at } as const;
  const store = testStore(rig.redis, { keys: rig.keys, retentionDays: 30 });
  await store.apply([{ instance, events: [event] }]);
}

/** Let a forwarder read until this many events are in a target's lane. */
async function read(by: EventFeed, target: KnownTarget, count: number): Promise<void> {
  await until(`${count} events are in the lane`, async () => {
    await by.look();
    return (await depth(target)) === count;
  });
}

const depth = async ({ id }: KnownTarget) => (await rig.overviews.overview(id)).depth;

it.each(["the same forwarder", "another forwarder"])(
  "a new target gets what happened before its forwarder knew it, even if that fails at first and %s continues",
  async (who) => {
    await new Outbox(rig.redis, rig.keys).want("all", 600);
    const old = await addTarget(Date.now() - 5_000);
    known = [old];
    const first = feed();
    await send("A");
    await read(first, old, 1);
    const added = await addTarget(Date.now() - 5_000);
    await send("B");
    await read(first, old, 2);
    known = [old, added];
    isBroken = true;
    await first.look();
    isBroken = false;
    const next = who === "the same forwarder" ? first : feed();
    await read(next, added, 2);
    await send("C");
    await read(next, added, 3);
    expect(await depth(old)).toBe(3);
    // Nothing is repeated by a process that starts now.
    const last = feed();
    await send("D");
    await read(last, added, 4);
    expect(await depth(old)).toBe(4);
  },
);

it("the first events of an instance are not lost if the forwarder has not found it yet", async () => {
  await new Outbox(rig.redis, rig.keys).want("all", 600);
  const target = { ...(await addTarget(Date.now() - 5_000)), instances: ["1"] };
  known = [target];
  const only = feed();
  await send("A");
  await read(only, target, 1);
  await send("B", "2");
  await send("C");
  await read(only, target, 2);
  known = [{ ...target, instances: ["1", "2"] }];
  await read(only, target, 3);
  for (const instance of ["1", "2"]) await send("D", instance);
  await read(only, target, 5);
});
