import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quarantineAnswer } from "../packages/schemas/src/index.ts";
import { Administrator, shown } from "./support/instances.ts";
import { StubGateway } from "./support/stub-gateway.ts";
import { until } from "./support/until.ts";
import { freshInstance, observation, statusOf } from "./support/webhooks.ts";
import { startSystem, type System } from "./system.ts";

let system: System;
let stub: StubGateway;
let administrator: Administrator;
beforeAll(async () => {
  [system, stub] = await Promise.all([
    startSystem({ durability: "durable", env: { REDIS_COMMAND_TIMEOUT_MS: "1000" } }),
    StubGateway.start(),
  ]);
  administrator = new Administrator(system);
});
afterAll(async () => {
  await system?.stop();
  await stub?.stop();
});

async function setPull(instance: string, pull: boolean): Promise<void> {
  const upstream = { apiUrl: stub.url, apiTokenInstance: "gateway-token", pull, reconcileEveryMinutes: 0 };
  await administrator.change(instance, { settings: { upstream } });
}

function messages(instance: string, from: number, count: number): object[] {
  const ids = Array.from({ length: count }, (_, i) => `M${from + i}`);
  return ids.flatMap((id) => [observation("api", instance, id), statusOf(instance, id, "delivered")]);
}

async function emptied(instance: string): Promise<void> {
  await until("all notifications are deleted", () => stub.of(instance).notifications.length === 0, 60_000);
  await system.drained();
}

// Each waits most of the time.
describe.concurrent("a worker", () => {
  it("counts what is waiting, one request at a time, from and until it is told to", { timeout: 60_000 }, async () => {
    const instance = freshInstance();
    await administrator.create({ idInstance: instance });
    const { notifications } = stub.of(instance);
    notifications.push(...messages(instance, 0, 20));
    await setPull(instance, true);
    await emptied(instance);
    expect(await system.metrics(instance)).toMatchObject({ messagesSent: 20, messagesByStatus: { delivered: 20 } });
    expect(stub.inFlightMost).toBe(1);

    await setPull(instance, false);
    const askedSince = () => stub.askedBy(instance).some(({ atMs }) => atMs > performance.now() - 2_000);
    await until("nothing is asked any more", () => !askedSince());
    notifications.push(...messages(instance, 100, 1));
    await setPull(instance, true);
    await emptied(instance);
    expect((await system.metrics(instance)).messagesSent).toBe(21);
    expect(system.output("worker")).not.toContain("gateway-token");
  });

  it("believes a gateway of its own instance only", { timeout: 60_000 }, async () => {
    const [own, theirs, unknown] = [freshInstance(), freshInstance(), freshInstance()];
    for (const instance of [own, theirs]) await administrator.create({ idInstance: instance });
    stub
      .of(own)
      .notifications.push(
        statusOf(theirs, "STOLEN", "sent"),
        statusOf(unknown, "STOLEN", "sent"),
        { typeWebhook: "outgoingMessageStatus", idMessage: "NOBODYS", status: "sent" },
        statusOf(own, "OWN", "sent"),
      );
    await setPull(own, true);
    await emptied(own);
    expect(await system.metrics(own)).toMatchObject({ messagesSent: 1 });
    expect(await system.metrics(theirs)).toMatchObject({ totalMessages: 0 });
    expect((await system.get(`/instances/${unknown}`)).status).toBe(404);
    const { entries } = shown(quarantineAnswer, await system.get(`/quarantine?instance=${own}`));
    expect(entries.map(({ reason }) => reason)).toEqual(["no_instance", "other_instance", "other_instance"]);
    // Tried again, it is no more believed.
    await system.send("POST", "/quarantine/replay", { instance: own });
    await system.drained();
    expect(shown(quarantineAnswer, await system.get(`/quarantine?instance=${own}`)).entries).toHaveLength(3);
    expect(await system.metrics(theirs)).toMatchObject({ totalMessages: 0 });
  });

  it("leaves a gateway that refuses alone for longer and longer", { timeout: 60_000 }, async () => {
    const [bad, good] = [freshInstance(), freshInstance()];
    for (const instance of [bad, good]) await administrator.create({ idInstance: instance });
    stub.of(bad).misbehaviour = 401;
    stub.of(good).notifications.push(...messages(good, 0, 3));
    await Promise.all([setPull(bad, true), setPull(good, true)]);
    await emptied(good);
    const times = await until("the bad one is asked four times", () => {
      const asked = stub.askedBy(bad).map(({ atMs }) => atMs);
      return asked.length >= 4 && asked;
    });
    const gaps = times.slice(1, 4).map((time, i) => time - (times[i] ?? 0));
    for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThan(900 * 2 ** i);
  });
});

it("deletes nothing at the gateway while Redis does not store", { timeout: 60_000 }, async () => {
  const instance = freshInstance();
  await administrator.create({ idInstance: instance });
  const script = stub.of(instance);
  await setPull(instance, true);
  await until("it is asked for notifications", () => stub.askedBy(instance).length > 2);
  await system.killRedis("SIGSTOP");
  const deletedBefore = script.deleted;
  script.notifications.push(...messages(instance, 0, 5));
  // It was told, and gave up storing it; without Redis nobody knows who may ask, so it asks no more.
  await until("storing was given up", () => system.output("worker").includes("notifications cannot be pulled now"));
  expect(script.deleted).toBe(deletedBefore);
  expect(stub.askedBy(instance).filter(({ method }) => method === "deleteNotification")).toEqual([]);
  await system.killRedis("SIGCONT");
  await emptied(instance);
  expect(await system.metrics(instance)).toMatchObject({ messagesSent: 5, messagesByStatus: { delivered: 5 } });
});

it("counts everything once when the worker is killed in the middle", { timeout: 90_000 }, async () => {
  const instance = freshInstance();
  await administrator.create({ idInstance: instance });
  const script = stub.of(instance);
  script.notifications.push(...messages(instance, 0, 150));
  await setPull(instance, true);
  await until("some are pulled", () => script.deleted > 100);
  await system.kill("worker", "SIGKILL");
  expect(script.notifications.length).toBeGreaterThan(0);
  await system.start("worker");
  await emptied(instance);
  expect(await system.metrics(instance)).toMatchObject({ messagesSent: 150, messagesByStatus: { delivered: 150 } });
});

it("stops in time", async () => {
  const startedAt = performance.now();
  await system.kill("worker", "SIGTERM");
  expect(performance.now() - startedAt).toBeLessThan(8_000);
  expect(system.output("worker")).toContain('"msg":"stopped"');
});
