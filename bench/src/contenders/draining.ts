// Measures one worker of a contender on a full queue. It gets the functions of other benchmark files as parameters, so that another checkout is
// measured with its own ones.
import { setTimeout as delay } from "node:timers/promises";
import type { Contender } from "./contenders.ts";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";
import type { Traffic } from "../load/traffic.ts";
import type * as runningContender from "./running-contender.ts";

export type FillQueue = (url: string, bodies: readonly string[]) => Promise<void>;
export type Running = Pick<typeof runningContender, "startContender" | "untilDrained" | "checkTotals">;

/** About the number that ingest puts into a job under load: 56 with 64 connections, more with 256. */
export const WEBHOOKS_A_JOB = 100;
/** The plain design gets a tenth as many webhooks, because it is much slower. */
export const PLAIN_SHARE = 0.1;

export async function drainContender(
  { startContender, untilDrained, checkTotals }: Running,
  contender: Contender,
  options: { traffic: Pick<Traffic, "bodies" | "totals">; durability: Durability; fill: FillQueue },
) {
  const { bodies, totals } = options.traffic;
  const running = await startContender(contender, { durability: options.durability, roles: [] });
  try {
    await options.fill(running.storeUrl, bodies);
    const { waiting: jobs } = await running.inspector.queue();
    const started = running.start("worker");
    const left = async () => (await running.inspector.queue()).waiting;
    // The worker's start is not measured: the measurement begins when a tenth of the queue is done.
    let leftAtStart = await left();
    for (; leftAtStart > jobs * 0.9; leftAtStart = await left()) await delay(5);
    await started;
    leftAtStart = await left();
    const [startedAt, cpuBefore] = [performance.now(), running.cpu()];
    await untilDrained(running);
    const [seconds, cpu] = [(performance.now() - startedAt) / 1000, running.cpu()];
    await checkTotals(contender.name, running, totals);
    const webhooks = (leftAtStart / jobs) * bodies.length;
    return {
      countedPerSecond: webhooks / seconds,
      workerMicros: ((cpu.worker - cpuBefore.worker) * 1e6) / webhooks,
      storeMicros: ((cpu.store - cpuBefore.store) * 1e6) / webhooks,
    };
  } finally {
    await running.stop();
  }
}
