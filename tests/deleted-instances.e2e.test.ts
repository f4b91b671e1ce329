import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quarantineAnswer } from "../packages/schemas/src/index.ts";
import { Administrator, answerBody } from "./support/instances.ts";
import { remainingKeys } from "./support/remaining-keys.ts";
import { until } from "./support/until.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { startSystem, type System } from "./system.ts";

/** One system that registers new instances automatically, and one that does not. */
let registering: System;
let asking: System;
beforeAll(async () => {
  [registering, asking] = await Promise.all([
    sharedSystem(),
    startSystem({ env: { AUTO_REGISTER_INSTANCES: "false" } }),
  ]);
});
afterAll(async () => asking?.stop());

/** The keys of an instance in Redis. */
async function keysOf(system: System, instance: string): Promise<readonly string[]> {
  return [...(await system.askRedis("KEYS", `ticktally:{${instance}}:*`)).matchAll(/ticktally:\{\d+\}:\S+/g)].map(
    ([key]) => key,
  );
}

async function isVisible(system: System, instance: string): Promise<boolean> {
  return (await system.get(`/instances/${instance}`)).status === 200;
}

const remove = async (system: System, instance: string) => system.send("DELETE", `/instances/${instance}`);

/** Delete instances repeatedly while their webhooks arrive, so that every step of a deletion coincides with every step of a job. */
async function deleteUnderLoad(system: System, instances: readonly string[]): Promise<void> {
  const end = performance.now() + 4_000;
  let sent = 0;
  const send = async () => {
    while (performance.now() < end) {
      sent += 1;
      await system.accept(statusOf(instances[sent % instances.length] ?? "", `M${sent}`, "sent"));
    }
  };
  const deleting = async () => {
    while (performance.now() < end) for (const instance of instances) await remove(system, instance);
  };
  await Promise.all([...Array.from({ length: 8 }, send), deleting()]);
  await system.drained();
}

describe("a webhook after a deletion, even immediately", () => {
  it("creates a new instance, which is shown and can be deleted completely", async () => {
    const instance = freshInstance();
    await registering.acceptInOrder(statusOf(instance, "A", "sent"), statusOf(instance, "B", "sent"));
    expect((await remove(registering, instance)).status).toBe(200);
    await registering.acceptInOrder(statusOf(instance, "C", "sent"));
    expect((await registering.metrics(instance)).messagesSent).toBe(1);
    expect((await remove(registering, instance)).status).toBe(200);
    await until("nothing is left", async () => (await remainingKeys(registering, instance)).length === 0);
  });

  it("is quarantined if instances are not registered automatically, and nothing else is stored", async () => {
    const instance = freshInstance();
    await new Administrator(asking).create({ idInstance: instance });
    await asking.acceptInOrder(statusOf(instance, "A", "sent"), statusOf(instance, "B", "sent"));
    expect((await remove(asking, instance)).status).toBe(200);
    await asking.acceptInOrder(statusOf(instance, "C", "sent"), statusOf(instance, "D", "sent"));
    expect(await isVisible(asking, instance)).toBe(false);
    const { entries } = answerBody(quarantineAnswer, await asking.get(`/quarantine?instance=${instance}`));
    expect(entries.map(({ reason }) => reason)).toEqual(["unknown_instance", "unknown_instance"]);
    // Counts that were stored for a moment are ignored at once, and deleted within a minute.
    const left = (await keysOf(asking, instance)).filter((key) => /:(?:counts|pending)$/.test(key));
    expect(left).toEqual([]);
  });
});

describe("deletions while webhooks arrive", () => {
  const instances = Array.from({ length: 5 }, freshInstance);

  it("leave no data of instances that are not listed", async () => {
    await deleteUnderLoad(registering, instances);
    for (const instance of instances) if (await isVisible(registering, instance)) await remove(registering, instance);
    for (const instance of instances)
      await until(
        `nothing is left of ${instance}`,
        async () => (await remainingKeys(registering, instance)).length === 0,
      );
  });

  it("leave no data if instances are not registered automatically", async () => {
    const admin = new Administrator(asking);
    for (let round = 0; round < 3; round += 1) {
      for (const instance of instances) await admin.create({ idInstance: instance });
      await asking.acceptInOrder(...instances.map((instance) => statusOf(instance, "first", "sent")));
      const sending = instances.map(async (instance) => {
        for (let i = 0; i < 40; i += 1) await asking.accept(statusOf(instance, `M${round}-${i}`, "sent"));
      });
      await Promise.all([...sending, ...instances.map(async (instance) => remove(asking, instance))]);
      await asking.drained();
    }
    for (const instance of instances) {
      expect(await isVisible(asking, instance)).toBe(false);
      const left = (await keysOf(asking, instance)).filter((key) => /:(?:counts|pending)$/.test(key));
      expect(left).toEqual([]);
    }
  });
});
