import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import { expect, inject, it, onTestFinished } from "vitest";
import { connect } from "./connection.ts";
import { openQueue, TOLD_AFTER_MS } from "./open-queue.ts";
import { connected, testConnection, testKeys } from "./testing.ts";

const ignored = () => undefined;

/** The way to Redis, which is cut for good when Redis is asked for its version the second time: first the connection asks, then BullMQ. */
async function wayThatIsCut(): Promise<string> {
  const target = new URL(inject("redisUrl"));
  let asked = 0;
  const server = createServer((near) => {
    const far = connectTcp(Number(target.port), target.hostname);
    far.on("error", ignored).pipe(near);
    near.on("error", ignored).on("data", (bytes) => {
      asked += bytes.toString("latin1").toLowerCase().split("$4\r\ninfo\r\n").length - 1;
      if (asked < 2) far.write(bytes);
      else {
        near.destroy();
        far.destroy();
        server.close();
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const way = new URL(target);
  way.port = String(typeof address === "object" ? address?.port : 0);
  return way.href;
}

it("tells that a queue is of no use when Redis goes away while it begins", async () => {
  const target = { cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 10_000 };
  const redis = connect({ ...target, url: await wayThatIsCut() }, "producer", ignored);
  onTestFinished(() => {
    redis.disconnect();
  });
  const error = await new Promise<Error>((onUnusable) => {
    openQueue("webhooks", redis, { prefix: testKeys().queuePrefix(0) }, { onError: ignored, onUnusable });
  });
  expect(error.message).not.toBe("");
});

it("tells nothing when the process itself ends the connection", async () => {
  const redis = testConnection("producer");
  await connected(redis);
  const told: Error[] = [];
  const troubles = { onError: ignored, onUnusable: (error: Error) => void told.push(error) };
  const queue = openQueue("webhooks", redis, { prefix: testKeys().queuePrefix(0) }, troubles);
  redis.disconnect();
  await expect(queue.waitUntilReady()).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 2 * TOLD_AFTER_MS));
  expect(told).toEqual([]);
});
