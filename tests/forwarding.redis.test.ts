import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ForwardingRig, receive, type RigOptions } from "./support/forwarding-rig.ts";
import { EventLanes, ForwardCipher, type StepRequest } from "../packages/redis/src/forwarding/index.ts";
import { answering, ok, TargetReceiver } from "./support/target-receiver.ts";
import { until } from "./support/until.ts";

let rig: ForwardingRig;
let receiver: TargetReceiver;
const others: TargetReceiver[] = [];
beforeEach(async () => {
  receiver = await TargetReceiver.start();
});
afterEach(async () => {
  await rig.stop();
  await receiver.stop().catch(() => undefined);
  for (const other of others.splice(0)) await other.stop();
});

const bodies = (count: number) => Array.from({ length: count }, (_, i) => `{"n":${i}}`);
const begin = async (options?: RigOptions) => (rig = await ForwardingRig.start(options));
const delivered = async (count: number) =>
  until(`${count} webhooks were received`, () => receiver.posts.length >= count);

describe("a relay", () => {
  it("sends the same bytes in order, each once, with the receiver's own token and an id that does not change in repeats", async () => {
    await begin();
    const target = await rig.addTarget(receiver.url);
    await rig.startForwarder();
    const writer = rig.writer();
    for (const body of bodies(120)) expect(await receive(writer, "7103", [body])).toEqual(["stored"]);
    await delivered(120);
    expect(receiver.bodies).toEqual(bodies(120));
    expect(receiver.posts[0]?.headers).toMatchObject({
      authorization: "the customer's own",
      "content-type": "application/json",
      "x-ticktally-attempt": expect.stringMatching(/^1; by=.{16}$/) as string,
    });
    expect(new Set(receiver.posts.map(({ headers }) => headers["webhook-id"])).size).toBe(120);
    await until("all are delivered", async () => (await rig.overviews.overview(target.id)).delivered === 120);
    expect(await rig.overviews.overview(target.id)).toMatchObject({ depth: 0, lastStatus: "200", dead: 0 });
    expect(await rig.overviews.bytes()).toBe(0);
  });

  it.each([
    ["201", answering(201)],
    ["500", answering(500)],
    ["a redirect", answering(302, { location: "/elsewhere" })],
    ["a connection closed without an answer", (_: unknown, res: { destroy(): void }) => res.destroy()],
  ])("repeats a webhook after %s before it sends later ones", async (_, behaviour) => {
    await begin({ pauseMs: 50 });
    await rig.addTarget(receiver.url);
    await rig.startForwarder();
    receiver.behaviour = behaviour;
    await receive(rig.writer(), "7103", bodies(3));
    await delivered(3);
    expect(new Set(receiver.bodies)).toEqual(new Set(bodies(1)));
    const ids = receiver.posts.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(1);
    expect(receiver.posts[2]?.headers["x-ticktally-attempt"]).toMatch(/^3;/);
    receiver.behaviour = ok;
    const before = receiver.posts.length;
    await until("the others are received", () => receiver.bodies.at(-1) === bodies(3)[2]);
    expect(receiver.bodies.slice(before).filter((body, i, all) => body !== all[i - 1])).toEqual(
      expect.arrayContaining(bodies(3).slice(1)),
    );
    expect(receiver.bodies.filter((body) => body !== bodies(1)[0])).toEqual(bodies(3).slice(1));
  });

  it("continues when the receiver is back, and no other lane waits for it", async () => {
    await begin({ pauseMs: 50 });
    const dead = await TargetReceiver.start();
    const { port, url } = dead;
    await dead.stop();
    others.push(dead);
    await rig.addTarget(url, { instances: ["dead"] });
    await rig.addTarget(receiver.url, { instances: Array.from({ length: 200 }, (_, i) => `i${i}`) });
    await rig.startForwarder();
    const writer = rig.writer();
    await receive(writer, "dead", bodies(3));
    await Promise.all(Array.from({ length: 200 }, async (_, i) => receive(writer, `i${i}`, [`${i}a`, `${i}b`])));
    await delivered(400);
    for (let i = 0; i < 200; i++)
      expect(receiver.bodies.filter((body) => body.startsWith(`${i}a`) || body.startsWith(`${i}b`))).toEqual([
        `${i}a`,
        `${i}b`,
      ]);
    await dead.restart(port);
    await until("the failed receiver has all", () => dead.posts.length === 3);
    expect(dead.bodies).toEqual(bodies(3));
  });

  it("moves a webhook to the dead letters after a day, lists it there, and replays it", async () => {
    await begin({ pauseMs: 50 });
    const target = await rig.addTarget(receiver.url);
    await rig.startForwarder();
    const writer = rig.writer();
    await receive(writer, "7103", ["old"], { receivedAtMs: Date.now() - 25 * 3_600_000 });
    await receive(writer, "7103", ["new"]);
    await delivered(1);
    expect(receiver.bodies).toEqual(["new"]);
    const { letters } = await rig.letters.list(target.id, 10);
    expect(letters).toMatchObject([{ reason: "expired", instance: "7103", type: "aType", isReplayable: true }]);
    expect(await rig.letters.replay(target.id, letters[0]?.id ?? "", 1e6, Date.now())).toBe("7103");
    await rig.queue.wake([{ target: target.id, instance: "7103" }]);
    await delivered(2);
    expect(receiver.bodies).toEqual(["new", "old"]);
    expect(await rig.overviews.overview(target.id)).toMatchObject({ dead: 0, deadEver: 1 });
  });

  it("sends webhooks of a process that ended before it could wake the lane", async () => {
    await begin();
    await rig.addTarget(receiver.url);
    await receive(rig.writer(false), "7103", bodies(2));
    const { sweep } = await rig.startForwarder();
    await sweep.run();
    await delivered(2);
  });
});

describe("a lane", () => {
  it("is limited in bytes: a gateway that repeats webhooks is refused, a webhook of another is dropped and counted", async () => {
    await begin({ laneBytesMax: 1_000, allBytesMax: 2_500 });
    const target = await rig.addTarget(receiver.url, { state: "paused" });
    const writer = rig.writer();
    const large = "x".repeat(600);
    expect(await receive(writer, "a", [large, large])).toEqual(["stored", "full"]);
    expect(await receive(writer, "a", [large], { holdsFeed: false })).toEqual(["stored"]);
    expect(await receive(writer, "b", [large])).toEqual(["stored"]);
    expect(await receive(writer, "c", [large])).toEqual(["stored"]);
    expect(await receive(writer, "d", [large])).toEqual(["full"]);
    // Larger than a lane: refusing it would block its instance forever.
    expect(await receive(writer, "e", ["x".repeat(5_000)])).toEqual(["stored"]);
    expect(await rig.overviews.overview(target.id)).toMatchObject({ depth: 3, dropped: 2, refused: 2 });
    await rig.overviews.dropLane(target.id, "a");
    expect(await receive(writer, "d", [large])).toEqual(["stored"]);
  });

  it("has room as long as its own target uses less than its share, whatever waits for other targets", async () => {
    await begin({ laneBytesMax: 10_000, allBytesMax: 10_000 });
    const down = await rig.addTarget(receiver.url, { state: "paused", name: "a", instances: ["a"] });
    const up = await rig.addTarget(receiver.url, { state: "paused", name: "b", instances: ["b"] });
    const [writer, large] = [rig.writer(), "x".repeat(600)];
    // Its share is a quarter of the room, and half of the room is for all targets together.
    const backlog = await receive(writer, "a", Array<string>(20).fill(large));
    expect(backlog.filter((answer) => answer === "stored").length).toBe(10);
    expect(await receive(writer, "b", [large, large, large, large])).toEqual(["stored", "stored", "stored", "full"]);
    const { cipher, keys, redis } = rig;
    const lanes = new EventLanes(redis, { keys, cipher, laneBytesMax: 10_000, allBytesMax: () => 10_000 });
    const alert = { instance: "", idKey: "", body: Buffer.from("x"), key: "1" };
    await rig.overviews.dropLane(up.id, "b");
    expect(await lanes.put([{ ...alert, target: up.id }], Date.now())).toHaveLength(1);
    expect(await lanes.put([{ ...alert, body: Buffer.from(large), target: down.id }], Date.now())).toEqual([]);
  });

  it("is counted for its target again by the next sweep if an older version has stored some of it", async () => {
    await begin({ laneBytesMax: 10_000, allBytesMax: 10_000 });
    const target = await rig.addTarget(receiver.url, { state: "paused" });
    const { known, sweep } = rig.forwarder();
    const [writer, stats] = [rig.writer(), `${rig.keys.forwarding}stats:${target.id}`];
    await receive(writer, "a", bodies(5));
    await rig.redis.hdel(stats, "bytes");
    await known.look();
    await sweep.run();
    expect(Number(await rig.redis.hget(stats, "bytes"))).toBe(await rig.overviews.bytes());
    await rig.overviews.dropLane(target.id, "a");
    expect(await rig.redis.hget(stats, "bytes")).toBe("0");
  });

  it.each([
    ["another key", new ForwardCipher([randomBytes(32)])],
    ["no key", null],
  ])("is handled as full by a process with %s, which cannot encrypt for its target", async (_, cipher) => {
    await begin();
    const target = await rig.addTarget(receiver.url, { instances: ["a"] });
    const writer = rig.writer(false, cipher);
    expect(await receive(writer, "a", bodies(1))).toEqual(["full"]);
    expect(await receive(writer, "a", bodies(1), { holdsFeed: false })).toEqual(["stored"]);
    expect(await receive(writer, "b", bodies(1))).toEqual(["stored"]);
    expect(await rig.overviews.overview(target.id)).toMatchObject({ depth: 0, refused: 1, dropped: 1 });
  });

  it("stores nothing of a request if another lane of the request is full", async () => {
    await begin({ laneBytesMax: 1_000 });
    const [full, empty] = [
      await rig.addTarget(receiver.url, { state: "paused", name: "a", instances: ["i"] }),
      await rig.addTarget(receiver.url, { state: "paused", name: "b", filter: { types: ["other"] } }),
    ];
    const writer = rig.writer();
    await receive(writer, "i", ["x".repeat(700)]);
    const request = { headers: {}, body: Buffer.from("x".repeat(700)) };
    const parts = [
      { instance: "i", type: "aType", events: () => [] },
      { instance: "i", type: "other", events: () => [] },
    ];
    const received = { parts, receivedAtMs: Date.now(), holdsFeed: true, request };
    expect(await writer.append(() => [received], performance.now() + 5_000)).toEqual(["full"]);
    expect(await rig.overviews.overview(empty.id)).toMatchObject({ depth: 0 });
    expect(await rig.overviews.overview(full.id)).toMatchObject({ depth: 1 });
  });

  it("stores nothing after the deadline, because the sender was refused already", async () => {
    await begin();
    const target = await rig.addTarget(receiver.url);
    await expect(receive(rig.writer(), "a", bodies(1), { deadlineMs: -1 })).rejects.toThrow("too late");
    expect(await rig.overviews.overview(target.id)).toMatchObject({ depth: 0 });
  });

  it("is written by every process from the creation of its target until the deletion", async () => {
    await begin();
    const writer = rig.writer();
    expect(await receive(writer, "a", bodies(1))).toEqual([]);
    const target = await rig.addTarget(receiver.url, { state: "paused" });
    await receive(writer, "a", bodies(1));
    expect(await rig.overviews.overview(target.id)).toMatchObject({ depth: 1 });
    await rig.targets.change(target.name, () => undefined);
    await rig.overviews.dropTarget(target.id);
    await receive(writer, "a", bodies(1));
    expect(await rig.overviews.overview(target.id)).toMatchObject({ depth: 0 });
    expect(await rig.overviews.bytes()).toBe(0);
  });

  it("is processed by one process at a time; a process that lost its lease removes nothing", async () => {
    await begin();
    const target = await rig.addTarget(receiver.url);
    await receive(rig.writer(false), "a", bodies(2));
    const lane = { target: target.id, instance: "a" };
    const step = async (leaseMs: number, request: Omit<StepRequest, "leaseMs" | "nowMs" | "next"> = {}) =>
      rig.reader.step(lane, { ...request, next: "go", leaseMs, nowMs: Date.now() });
    const first = await step(1);
    if (first.kind !== "entry") throw new Error(first.kind);
    const second = await until("the lease has ended", async () => {
      const taken = await step(60_000);
      return taken.kind === "entry" && taken;
    });
    expect(second.attempt).toBe(2);
    expect(await step(1)).toEqual({ kind: "busy" });
    const done = { kind: "sent", entry: first.entry } as const;
    expect(await step(1, { fence: first.fence, done })).toEqual({ kind: "lost" });
    expect(await rig.overviews.overview(target.id)).toMatchObject({ depth: 2 });
    expect(await step(1, { fence: second.fence, done })).toMatchObject({ kind: "entry", attempt: 1 });
  });
});
