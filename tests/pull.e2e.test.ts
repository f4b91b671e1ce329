import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quarantineAnswer } from "../packages/schemas/src/index.ts";
import { Administrator, answerBody } from "./support/instances.ts";
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

// They run concurrently, because each mostly waits.
describe.concurrent("a worker", () => {
  const interrupted = freshInstance();

  // Only one that is killed keeps its lease. It ends while the other tests run.
  beforeAll(async () => {
    await administrator.create({ idInstance: interrupted });
    const script = stub.of(interrupted);
    script.notifications.push(...messages(interrupted, 0, 150));
    await setPull(interrupted, true);
    await until("some are pulled", () => script.deleted > 100);
    await system.kill("worker", "SIGKILL");
    expect(script.notifications.length).toBeGreaterThan(0);
    await system.start("worker");
  });

  it("counts everything once if a worker is killed meanwhile", { timeout: 90_000 }, async () => {
    await emptied(interrupted);
    expect(await system.metrics(interrupted)).toMatchObject({
      messagesSent: 150,
      messagesByStatus: { delivered: 150 },
    });
  });

  it("pulls and counts notifications, one request at a time, while `pull` is set", { timeout: 60_000 }, async () => {
    const instance = freshInstance();
    await administrator.create({ idInstance: instance });
    const { notifications } = stub.of(instance);
    notifications.push(...messages(instance, 0, 20));
    await setPull(instance, true);
    await emptied(instance);
    expect(await system.metrics(instance)).toMatchObject({ messagesSent: 20, messagesByStatus: { delivered: 20 } });
    expect(stub.inFlightMost).toBe(1);

    await setPull(instance, false);
    const hasRecentRequest = () => stub.requestsOf(instance).some(({ atMs }) => atMs > performance.now() - 2_000);
    await until("there are no more requests", () => !hasRecentRequest());
    notifications.push(...messages(instance, 100, 1));
    await setPull(instance, true);
    await emptied(instance);
    expect((await system.metrics(instance)).messagesSent).toBe(21);
    expect(system.output("worker")).not.toContain("gateway-token");
  });

  it("accepts from a gateway only notifications of its own instance", { timeout: 60_000 }, async () => {
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
    const { entries } = answerBody(quarantineAnswer, await system.get(`/quarantine?instance=${own}`));
    expect(entries.map(({ reason }) => reason)).toEqual(["no_instance", "other_instance", "other_instance"]);
    // A replay does not accept it either.
    await system.send("POST", "/quarantine/replay", { instance: own });
    await system.drained();
    expect(answerBody(quarantineAnswer, await system.get(`/quarantine?instance=${own}`)).entries).toHaveLength(3);
    expect(await system.metrics(theirs)).toMatchObject({ totalMessages: 0 });
  });

  it("backs off from a gateway that refuses", { timeout: 60_000 }, async () => {
    const [bad, good] = [freshInstance(), freshInstance()];
    for (const instance of [bad, good]) await administrator.create({ idInstance: instance });
    stub.of(bad).misbehaviour = 401;
    stub.of(good).notifications.push(...messages(good, 0, 3));
    await Promise.all([setPull(bad, true), setPull(good, true)]);
    await emptied(good);
    const times = await until("the refusing gateway has four requests", () => {
      const asked = stub.requestsOf(bad).map(({ atMs }) => atMs);
      return asked.length >= 4 && asked;
    });
    const gaps = times.slice(1, 4).map((time, i) => time - (times[i] ?? 0));
    for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThan(900 * 2 ** i);
  });
});

it("deletes nothing at the gateway while Redis refuses writes", { timeout: 60_000 }, async () => {
  const instance = freshInstance();
  await administrator.create({ idInstance: instance });
  const script = stub.of(instance);
  await setPull(instance, true);
  await until("notifications are requested", () => stub.requestsOf(instance).length > 2);
  await system.killRedis("SIGSTOP");
  const deletedBefore = script.deleted;
  script.notifications.push(...messages(instance, 0, 5));
  // The worker received a notification and could not store it. Without Redis it cannot take the lease for further requests.
  await until("storing has failed", () => system.output("worker").includes("notifications cannot be pulled now"));
  expect(script.deleted).toBe(deletedBefore);
  expect(stub.requestsOf(instance).filter(({ method }) => method === "deleteNotification")).toEqual([]);
  await system.killRedis("SIGCONT");
  await emptied(instance);
  expect(await system.metrics(instance)).toMatchObject({ messagesSent: 5, messagesByStatus: { delivered: 5 } });
});

it("stops in time", async () => {
  const startedAt = performance.now();
  await system.kill("worker", "SIGTERM");
  expect(performance.now() - startedAt).toBeLessThan(8_000);
  expect(system.output("worker")).toContain('"msg":"stopped"');
});
