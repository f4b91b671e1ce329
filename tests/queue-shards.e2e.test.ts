import { join } from "node:path";
import { shardOf } from "../packages/core/src/index.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppProcess, type App } from "./support/app-process.ts";
import { runBackupTool } from "./support/backup-tool.ts";
import { giveUpOnJobs } from "./support/give-up-jobs.ts";
import { until } from "./support/until.ts";
import { freshInstance, observation } from "./support/webhooks.ts";
import { ACCOUNT_TOKEN, startSystem, type System } from "./system.ts";

const SHARDS = 4;
const FEWER = { QUEUE_SHARDS: "1" };

/** Four instances whose webhooks go to four different queues. */
const instances = Array.from({ length: SHARDS }, (_, shard) => {
  let instance = freshInstance();
  while (shardOf(instance, SHARDS) !== shard) instance = freshInstance();
  return instance;
});

let system: System;
beforeAll(async () => {
  const runApp = (app: App, env: NodeJS.ProcessEnv, opsOrigin: string) =>
    new AppProcess(app, app === "ingest" ? env : { ...env, ...FEWER }, opsOrigin);
  system = await startSystem({ env: { QUEUE_SHARDS: String(SHARDS) }, runApp });
});
afterAll(async () => system?.stop());

let messages = 0;
async function acceptOneEach(): Promise<void> {
  messages += 1;
  await system.accept(...instances.map((instance) => observation("incoming", instance, `M${messages}`)));
}

async function expectAllCounted(): Promise<void> {
  await system.drained();
  for (const instance of instances)
    expect(await system.metrics(instance)).toMatchObject({ messagesReceived: messages, totalMessages: messages });
}

const asOf = async () => Date.parse((await system.metrics(instances[0] ?? "")).asOf);
const jobs = async (state: string) => (await system.prometheus()).value("ticktally_queue_jobs", { state });

async function restart(app: App, env: Readonly<Record<string, string>>): Promise<void> {
  await system.kill(app);
  await system.start(app, env);
}

it("counts webhooks from an ingest with four queues while worker and api have one", async () => {
  for (let times = 0; times < 3; times++) {
    await acceptOneEach();
    await expectAllCounted();
  }
});

it("counts and reports waiting and failed jobs in four queues after all processes were restarted with one queue", async () => {
  await system.kill("worker");
  await acceptOneEach();
  const accepted = Date.now();
  expect(await giveUpOnJobs(system, 1, SHARDS - 1)).toBe(1);
  await Promise.all((["ingest", "api"] as const).map(async (app) => restart(app, FEWER)));
  expect(await jobs("waiting")).toBe(SHARDS - 1);
  expect(await jobs("failed")).toBe(1);
  expect(await asOf()).toBeLessThanOrEqual(accepted);
  const shown = await fetch(`http://${system.prometheusTargets()["ticktally-api"]?.[0] ?? ""}/queues/api/queues`, {
    headers: { token: ACCOUNT_TOKEN },
  });
  for (let shard = 0; shard < SHARDS; shard++)
    expect(await shown.clone().text()).toContain(`"shard-${shard}-webhooks"`);
  const file = join(system.dir, "export");
  const settled = { url: system.redisUrl, file, args: ["--settled"], env: FEWER };
  expect(await runBackupTool("export", settled)).toMatchObject({
    exitCode: 1,
    output: expect.stringContaining(`${SHARDS} batches of webhooks wait`) as string,
  });
  await system.start("worker", FEWER);
  await until(
    "the failed job is put back, and all are done",
    async () => (await system.prometheus()).sum("ticktally_queue_jobs") === 0,
  );
  await expectAllCounted();
  expect(await asOf()).toBeGreaterThan(accepted);
});
