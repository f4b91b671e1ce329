import { afterAll, beforeAll, expect, it } from "vitest";
import { connected, testConnection, testKeys } from "../testing.ts";
import { ReconcileQueue } from "./reconcile-queue.ts";

const redis = testConnection("producer");
beforeAll(async () => connected(redis));
afterAll(() => {
  redis.disconnect();
});

const ignored = () => undefined;

it("queues one scheduled check of each instance at a time, whatever its id", async () => {
  const jobs = new ReconcileQueue(redis, { keys: testKeys(), onError: ignored, onUnusable: ignored });
  // BullMQ refuses ids of jobs that have a colon.
  const instances = ["7103000001", "meta:100000000000001", "meta-100000000000001", "vendor:eu:a.b~c+d_e"];
  for (const instance of [...instances, ...instances])
    await jobs.add({ v: 1, kind: "look", instance, source: "schedule" });
  const ids = (await jobs.queue.getJobs("waiting")).map(({ id }) => id);
  expect(ids).toHaveLength(instances.length);
  // Those that an earlier version queued have the same id.
  expect(ids).toContain("look-7103000001");
});
