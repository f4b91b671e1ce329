import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { ForwardingRig, receive } from "./support/forwarding-rig.ts";
import { ok, TargetReceiver } from "./support/target-receiver.ts";
import { until } from "./support/until.ts";

let rig: ForwardingRig;
let receiver: TargetReceiver;
beforeEach(async () => {
  [rig, receiver] = await Promise.all([ForwardingRig.start({ pauseMs: 50 }), TargetReceiver.start()]);
});
afterEach(async () => {
  await rig.stop();
  await receiver.stop();
});

const BODIES = Array.from({ length: 5 }, (_, i) => `{"n":${i}}`);

it("a target that is paused during a request gets nothing more until it is resumed", async () => {
  const { name, id } = await rig.addTarget(receiver.url);
  await rig.startForwarder();
  receiver.behaviour = (post, res) =>
    void rig.targets.change(name, (target) => ({ ...target, state: "paused" })).then(() => ok(post, res));
  await receive(rig.writer(), "7103", BODIES);
  await until("one is delivered", async () => (await rig.overviews.overview(id)).depth === BODIES.length - 1);
  const lane = { target: id, instance: "7103" };
  await until(
    "the lane is released",
    async () => (await rig.redis.exists(`${rig.keys.forwarding}lease:${id}:7103`)) === 0,
  );
  await rig.queue.wake([lane]);
  expect(receiver.bodies).toEqual(BODIES.slice(0, 1));
  receiver.behaviour = ok;
  await rig.targets.change(name, (target) => ({ ...target, state: "active" }));
  await until("the rest is received", () => receiver.posts.length === BODIES.length);
  expect(receiver.bodies).toEqual(BODIES);
});

it("a new address is used from the next webhook on", async () => {
  const other = await TargetReceiver.start();
  onTestFinished(async () => other.stop());
  const { name } = await rig.addTarget(receiver.url);
  await rig.startForwarder();
  receiver.behaviour = (post, res) =>
    void rig.targets.change(name, (target) => ({ ...target, url: other.url })).then(() => ok(post, res));
  await receive(rig.writer(), "7103", BODIES);
  await until("all are received", () => other.posts.length === BODIES.length - 1);
  expect([...receiver.bodies, ...other.bodies]).toEqual(BODIES);
});

it("a target that is deleted during a request loses its connection and all its data", async () => {
  const { name, id } = await rig.addTarget(receiver.url);
  const { sweep } = await rig.startForwarder();
  let isHungUp = false;
  receiver.behaviour = (_, res) => void res.on("close", () => (isHungUp = true));
  await receive(rig.writer(), "7103", BODIES);
  await until("a request is in progress", () => receiver.posts.length === 1);
  await rig.targets.change(name, () => undefined);
  await rig.overviews.dropTarget(id);
  await until("the request is aborted", () => isHungUp);
  const minutes = [1, 12];
  for (const minute of minutes) {
    rig.nowMs = () => Date.now() + minute * 60_000;
    await sweep.run();
  }
  const left = await rig.redis.keys(`${rig.keys.forwarding}*`);
  expect(left.filter((key) => key.includes(id))).toEqual([]);
  expect([await rig.overviews.bytes(), await rig.targets.removed()]).toEqual([0, []]);
  expect(receiver.posts).toHaveLength(1);
});

it("instances of every gateway have their own lanes, including those with unusual ids", async () => {
  await rig.addTarget(receiver.url);
  await rig.startForwarder();
  for (const instance of ["7103", "meta:100000000000001", "waha:a~2Fb:default", ""])
    await receive(rig.writer(), instance, [`"${instance}"`]);
  await until("all are received", () => receiver.posts.length === 4);
  expect(new Set(receiver.bodies).size).toBe(4);
});

it("two targets with the same address each get everything, each with its own token", async () => {
  await rig.addTarget(receiver.url);
  await rig.addTarget(receiver.url, {}, "another receiver's");
  await rig.startForwarder();
  await receive(rig.writer(), "7103", BODIES);
  await until("all are received", () => receiver.posts.length === 2 * BODIES.length);
  for (const token of ["the customer's own", "another receiver's"])
    expect(receiver.posts.filter(({ headers }) => headers.authorization === token).map(({ body }) => body)).toEqual(
      BODIES,
    );
});
