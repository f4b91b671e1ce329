import { afterEach, beforeEach, expect, it } from "vitest";
import { ForwardedInstances } from "../packages/redis/src/forwarding/index.ts";
import { ForwardingRig, receive } from "./support/forwarding-rig.ts";
import { TargetReceiver } from "./support/target-receiver.ts";
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

const LONG_AGO = Date.now() - 25 * 3_600_000;
const BODIES = Array.from({ length: 30 }, (_, i) => `{"n":${i}}`);

/** Create dead letters: webhooks of two instances that are a day old. @returns the target's id */
async function createDeadLetters(): Promise<string> {
  const { id } = await rig.addTarget(receiver.url);
  for (const instance of ["7103", "7104"]) await receive(rig.writer(), instance, BODIES, { receivedAtMs: LONG_AGO });
  await rig.startForwarder();
  await until("all are dead letters", async () => (await rig.overviews.overview(id)).dead === 2 * BODIES.length);
  return id;
}

it("dead letters are listed in pages, newest first, and replayed in their original order", async () => {
  const target = await createDeadLetters();
  const listed: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await rig.letters.list(target, 7, cursor);
    expect(page.letters.length).toBeLessThanOrEqual(7);
    listed.push(...page.letters.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  expect(new Set(listed).size).toBe(2 * BODIES.length);
  const ids = await rig.letters.ids(target);
  expect(listed.toReversed()).toEqual(ids);
  for (const id of ids) await rig.letters.replay(target, id, 1024 * 1024, Date.now());
  await rig.queue.wake(await rig.reader.lanesOf(target));
  await until("all are received", () => receiver.posts.length === 2 * BODIES.length);
  // Each lane is in order, but lanes do not wait for each other.
  expect([...new Set(receiver.bodies)]).toEqual(BODIES);
  expect(await rig.letters.ids(target)).toEqual([]);
});

it("a page of dead letters continues where the previous one ended, even if its last letter is gone", async () => {
  const target = await createDeadLetters();
  const all = (await rig.letters.ids(target)).toReversed();
  const { nextCursor = "" } = await rig.letters.list(target, 7);
  await rig.letters.discard(target, nextCursor);
  const { letters } = await rig.letters.list(target, 7, nextCursor);
  expect(letters.map(({ id }) => id)).toEqual(all.slice(7, 14));
});

it("the bytes of every dead letter are deleted after a day, even if there are thousands without bytes", async () => {
  const [target, nowMs] = ["t", Date.now()];
  const known = {
    webhookId: "w",
    instance: "7103",
    type: "aType",
    reason: "expired",
    receivedAtMs: 1,
    lastStatus: null,
  };
  const key = (name: string) => `${rig.keys.forwarding}${name}:${target}`;
  const letter = (atMs: number) => `${atMs}-000000abcdefgh`;
  const filled = rig.redis.pipeline();
  const [old, recent] = [LONG_AGO + 10_000, nowMs - 60_000];
  for (const atMs of [...Array.from({ length: 1_100 }, (_, i) => LONG_AGO + i), old, recent]) {
    filled.zadd(key("dead"), atMs, letter(atMs));
    filled.hset(key("dead-heads"), letter(atMs), JSON.stringify(known));
  }
  for (const atMs of [old, recent]) filled.hset(key("dead-bodies"), letter(atMs), "secret");
  await filled.exec();
  await rig.letters.expire(target, nowMs);
  expect(await rig.redis.hkeys(key("dead-bodies"))).toEqual([letter(recent)]);
  expect(await rig.letters.ids(target)).toHaveLength(1_102);
});

it("all dead letters are discarded by one call", async () => {
  const target = await createDeadLetters();
  expect(await rig.overviews.bytes()).toBeGreaterThan(0);
  expect(await rig.letters.discardAll(target)).toBe(2 * BODIES.length);
  expect(await rig.letters.discardAll(target)).toBe(0);
  expect(await rig.overviews.bytes()).toBe(0);
  expect((await rig.letters.list(target, 10)).letters).toEqual([]);
});

it("deleting an instance removes its waiting webhooks and its dead letters", async () => {
  const target = await createDeadLetters();
  const { name } = (await rig.targets.read()).targets[0] ?? { name: "" };
  await rig.targets.change(name, (one) => ({ ...one, state: "paused" }));
  const deletedAt = Date.now();
  for (const [instance, receivedAtMs] of [
    ["7103", deletedAt - 5],
    ["7103", deletedAt - 1],
    ["7103", deletedAt + 1],
    ["7104", deletedAt - 1],
  ] as const)
    await receive(rig.writer(), instance, ["{}"], { receivedAtMs });
  const forwarded = new ForwardedInstances(rig.redis, rig.keys);
  const left = async () => {
    const { depth, dead } = await rig.overviews.overview(target);
    return { depth, dead };
  };
  expect(await left()).toEqual({ depth: 4, dead: 60 });
  await forwarded.drop([{ instance: "7103", beforeMs: deletedAt }]);
  expect(await left()).toEqual({ depth: 2, dead: 30 });
  await forwarded.drop([
    { instance: "7103", beforeMs: Infinity },
    { instance: "7104", beforeMs: Infinity },
  ]);
  expect(await left()).toEqual({ depth: 0, dead: 0 });
  expect(await rig.overviews.bytes()).toBe(0);
});
