import { beforeAll, expect, it } from "vitest";
import { giveUpOnJobs } from "./support/give-up-jobs.ts";
import { until } from "./support/until.ts";
import { freshInstance, observation } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

const JOBS = 3;

let system: System;
beforeAll(async () => {
  system = await sharedSystem();
});

it("counts the webhooks of failed BullMQ jobs once, and reports the failed jobs", async () => {
  const instance = freshInstance();
  await system.kill("worker");
  for (let n = 0; n < JOBS; n++) await system.accept(observation("incoming", instance, `M${n}`));
  expect(await giveUpOnJobs(system, JOBS + 1)).toBe(JOBS);
  expect((await system.prometheus()).value("ticktally_queue_jobs", { state: "failed" })).toBe(JOBS);

  await system.start("worker");
  await until("all are put back and done", async () => (await system.prometheus()).sum("ticktally_queue_jobs") === 0);
  expect(await system.metrics(instance)).toMatchObject({ messagesReceived: JOBS, totalMessages: JOBS });
  expect(system.output("worker")).toMatch(/"jobs":\d.*"reason":"given up".*jobs that BullMQ gave up on are put back/);
});
