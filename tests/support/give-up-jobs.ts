import { UnrecoverableError, Worker } from "bullmq";
import { Keys } from "../../packages/redis/src/keys.ts";
import type { System } from "../system.ts";

/** Move waiting jobs to BullMQ's failed set, as a worker of another version may have done. @returns how many */
export async function giveUpOnJobs(system: System, jobsMax: number, shard = 0): Promise<number> {
  const { hostname: host, port, password } = new URL(system.redisUrl);
  const worker = new Worker("webhooks", null, {
    connection: { host, port: Number(port), password },
    prefix: new Keys().queuePrefix(shard),
  });
  let jobs = 0;
  while (jobs < jobsMax) {
    const job = await worker.getNextJob("token");
    if (job === undefined) break;
    await job.moveToFailed(new UnrecoverableError("given up"), "token");
    jobs += 1;
  }
  await worker.close();
  return jobs;
}
