import type { Command } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { ForwardedInstances, type Lane } from "../packages/redis/src/forwarding/index.ts";
import { ForwardingRig, receive } from "./support/forwarding-rig.ts";

let rig: ForwardingRig;
afterEach(async () => rig.stop());

/** Records the commands that the rig's connection sends from now on. */
function commandsOf({ redis }: ForwardingRig): string[] {
  const sent: string[] = [];
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command: Command) => {
    sent.push(command.name);
    return send(command);
  };
  return sent;
}

const BATCH = Array.from({ length: 50 }, (_, i) => `{"n":${i}}`);
const ELSEWHERE = "https://example.com/";

it("a batch costs one small read if no target wants it, and one script call for any number of targets", async () => {
  rig = await ForwardingRig.start();
  const writer = rig.writer(false);
  await receive(writer, "7103", BATCH);
  const sent = commandsOf(rig);
  await receive(writer, "7103", BATCH);
  expect(sent).toEqual(["get"]);
  for (const url of [ELSEWHERE, `${ELSEWHERE}b`]) await rig.addTarget(url);
  // The first call reads the targets and the size of the lanes.
  await receive(writer, "7103", BATCH);
  for (const instance of ["7103", "7104", "7105"]) {
    sent.length = 0;
    expect(new Set(await receive(writer, instance, BATCH))).toEqual(new Set(["stored"]));
    expect(sent).toEqual(["evalsha"]);
  }
  const ids = (await rig.targets.read()).targets.map(({ id }) => id);
  for (const id of ids) expect((await rig.overviews.overview(id)).depth).toBe(4 * BATCH.length);
});

it("the size of a lane is checked before a write once it is half full", async () => {
  rig = await ForwardingRig.start({ laneBytesMax: 40_000 });
  await rig.addTarget(ELSEWHERE);
  const writer = rig.writer(false);
  const refusals: number[] = [];
  for (let i = 0; i < 8; i++)
    refusals.push((await receive(writer, "7103", BATCH)).filter((outcome) => outcome === "full").length);
  expect(refusals[0]).toBe(0);
  expect(refusals.at(-1)).toBe(BATCH.length);
  expect(await rig.overviews.bytes()).toBeLessThanOrEqual(40_000);
  // Another lane has space.
  expect(new Set(await receive(writer, "7104", BATCH))).toEqual(new Set(["stored"]));
});

it("a lane is woken only if it was empty", async () => {
  rig = await ForwardingRig.start();
  const { id } = await rig.addTarget(ELSEWHERE);
  const woken: Lane[] = [];
  const writer = rig.writer((lanes) => woken.push(...lanes));
  for (const instance of ["7103", "7103", "7104"]) await receive(writer, instance, BATCH);
  expect(woken.map(({ instance }) => instance)).toEqual(["7103", "7104"]);
  await rig.overviews.dropLane(id, "7103");
  await receive(writer, "7103", BATCH);
  expect(woken).toHaveLength(3);
});

it("deleting an instance takes the same number of calls, however many webhooks are waiting", async () => {
  rig = await ForwardingRig.start();
  await rig.addTarget(ELSEWHERE);
  const writer = rig.writer(false);
  for (let i = 0; i < 20; i++) await receive(writer, "7103", BATCH);
  const forwarded = new ForwardedInstances(rig.redis, rig.keys);
  const sent = commandsOf(rig);
  await forwarded.drop([{ instance: "7103", beforeMs: Infinity }]);
  expect(sent.length).toBeLessThan(6);
  expect(await rig.overviews.bytes()).toBe(0);
});

it("a target that another process has created or deleted is noticed", async () => {
  rig = await ForwardingRig.start();
  const first = await rig.addTarget(ELSEWHERE);
  const writer = rig.writer(false);
  for (let i = 0; i < 3; i++) await receive(writer, "7103", BATCH);
  await rig.targets.change(first.name, () => undefined);
  const second = await rig.addTarget(ELSEWHERE);
  await receive(writer, "7103", BATCH);
  const depths = [first, second].map(async ({ id }) => (await rig.overviews.overview(id)).depth);
  expect(await Promise.all(depths)).toEqual([3 * BATCH.length, BATCH.length]);
});
