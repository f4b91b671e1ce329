import { beforeAll, describe, expect, it } from "vitest";
import { remainingKeys } from "./support/remaining-keys.ts";
import { until } from "./support/until.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

async function isVisible(instance: string): Promise<boolean> {
  return (await system.get(`/instances/${instance}`)).status === 200;
}

const remove = async (instance: string) => system.send("DELETE", `/instances/${instance}`);

/** Delete instances repeatedly while their webhooks arrive, so that every step of a deletion coincides with every step of a job. */
async function deleteUnderLoad(instances: readonly string[]): Promise<void> {
  const end = performance.now() + 4_000;
  let sent = 0;
  const send = async () => {
    while (performance.now() < end) {
      sent += 1;
      await system.accept(statusOf(instances[sent % instances.length] ?? "", `M${sent}`, "sent"));
    }
  };
  const deleting = async () => {
    while (performance.now() < end) for (const instance of instances) await remove(instance);
  };
  await Promise.all([...Array.from({ length: 8 }, send), deleting()]);
  await system.drained();
}

describe("a webhook after a deletion, even immediately", () => {
  it("creates a new instance, which is shown and can be deleted completely", async () => {
    const instance = freshInstance();
    await system.acceptInOrder(statusOf(instance, "A", "sent"), statusOf(instance, "B", "sent"));
    expect((await remove(instance)).status).toBe(200);
    await system.acceptInOrder(statusOf(instance, "C", "sent"));
    expect((await system.metrics(instance)).messagesSent).toBe(1);
    expect((await remove(instance)).status).toBe(200);
    await until("nothing is left", async () => (await remainingKeys(system, instance)).length === 0);
  });
});

describe("deletions while webhooks arrive", () => {
  const instances = Array.from({ length: 5 }, freshInstance);

  it("leave no data of instances that are not listed", { timeout: 150_000 }, async () => {
    await deleteUnderLoad(instances);
    for (const instance of instances) if (await isVisible(instance)) await remove(instance);
    const isLeft = async (instance: string) => (await remainingKeys(system, instance)).length > 0;
    // A worker may forget an instance that it stored at the same moment; the api erases what other processes forget every minute.
    await until(
      "nothing is left of them",
      async () => !(await Promise.all(instances.map(isLeft))).includes(true),
      100_000,
    );
  });
});
