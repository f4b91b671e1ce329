import { once } from "node:events";
import { connect as connectTcp, createServer } from "node:net";
import type { InstanceEraser } from "@ticktally/core";
import type { TestedStore } from "@ticktally/core/testing";
import { inject } from "vitest";
import { connect, type ConnectionRole, type RedisClient, type RedisTarget } from "./connection/connection.ts";
import { Keys } from "./keys.ts";
import { openMessageStores, type MessageStores, type MessageStoresOptions } from "./message-stores.ts";

/** The Redis that the test run started, see `tests/redis-server.ts`. */
function testTarget(): RedisTarget {
  return { url: inject("redisUrl"), cluster: false, sentinels: [], sentinelMaster: "", commandTimeoutMs: 10_000 };
}

export function testConnection(role: ConnectionRole): RedisClient {
  return connect(testTarget(), role, (error) => {
    throw error;
  });
}

/** Resolves when all of them can be used, including those that already could. */
export async function connected(...connections: readonly RedisClient[]): Promise<void> {
  for (const redis of connections)
    if (redis.status !== "ready") await new Promise((resolve) => redis.once("ready", resolve));
}

/** Keys that no other test uses. */
export function testKeys(): Keys {
  return new Keys(`test-${crypto.randomUUID()}`);
}

const ignored = () => undefined;

/**
 * A proxy to Redis that cuts the connection for good when the version is requested a second time: first by the connection, then by BullMQ.
 */
export async function wayThatIsCut(): Promise<string> {
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

/** All ports of {@link openMessageStores} in one object, as the suites of `@ticktally/core/testing` need it. */
export type TestStore = TestedStore & InstanceEraser & Pick<MessageStores, "labels" | "recount">;

export function testStore(redis: RedisClient, options: MessageStoresOptions): TestStore {
  const { store, messages, labels, counts, settings, stateHistory, instanceEraser, chatEraser, recount } =
    openMessageStores(redis, options);
  return {
    apply: store.apply.bind(store),
    message: messages.message.bind(messages),
    messagesOf: messages.messagesOf.bind(messages),
    list: messages.list.bind(messages),
    recentFailures: messages.recentFailures.bind(messages),
    summaries: counts.summaries.bind(counts),
    totals: counts.totals.bind(counts),
    eachCount: counts.eachCount.bind(counts),
    pastVersions: counts.pastVersions.bind(counts),
    settings: settings.settings.bind(settings),
    changeSettings: settings.changeSettings.bind(settings),
    stateReports: stateHistory.stateReports.bind(stateHistory),
    forget: instanceEraser.forget.bind(instanceEraser),
    forgetUnchanged: instanceEraser.forgetUnchanged.bind(instanceEraser),
    erase: instanceEraser.erase.bind(instanceEraser),
    forgetChat: chatEraser.forgetChat.bind(chatEraser),
    labels,
    recount,
  };
}
