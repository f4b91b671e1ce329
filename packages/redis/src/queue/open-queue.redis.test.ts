import { expect, it, onTestFinished } from "vitest";
import { connect } from "../connection/connection.ts";
import { openQueue, REPORT_AFTER_MS } from "./open-queue.ts";
import { connected, testConnection, testKeys, wayThatIsCut } from "../testing.ts";

const ignored = () => undefined;

it("reports that a queue is unusable if Redis becomes unreachable while it starts", async () => {
  const target = { cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 10_000 };
  const redis = connect({ ...target, url: await wayThatIsCut() }, "producer", ignored);
  onTestFinished(() => {
    redis.disconnect();
  });
  const error = await new Promise<Error>((onUnusable) => {
    openQueue("webhooks", redis, { prefix: testKeys().queuePrefix(0) }, { onError: ignored, onUnusable });
  });
  expect(error.message).toBe("Redis disconnected while BullMQ was starting");
});

it("reports nothing if the process itself closes the connection", async () => {
  const redis = testConnection("producer");
  await connected(redis);
  const errors: Error[] = [];
  const troubles = { onError: ignored, onUnusable: (error: Error) => void errors.push(error) };
  const queue = openQueue("webhooks", redis, { prefix: testKeys().queuePrefix(0) }, troubles);
  redis.disconnect();
  await expect(queue.waitUntilReady()).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 2 * REPORT_AFTER_MS));
  expect(errors).toEqual([]);
});
