import { once } from "node:events";
import { createServer } from "node:http";
import type { InstanceSummary, RegisteredInstance } from "@ticktally/core";
import { metricsAnswer } from "@ticktally/schemas";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { metricsRoutes } from "./metrics.ts";

const registered: RegisteredInstance[] = [];
const summary: InstanceSummary = {
  counts: new Map([["messages/incoming/unknown", 1]]),
  retracted: new Map(),
  uniqueChats: { individual: 1, group: 0, channel: 0, status: 0, broadcast: 0 },
  messagesLast7Days: 1,
  messagesLast30Days: 1,
};

const app = express().use(
  metricsRoutes({
    authoriser: {
      caller: async () => Promise.resolve({ kind: "account" }),
      instances: async () => Promise.resolve(registered),
    },
    registry: {
      slices: async function* () {
        yield await Promise.resolve([...registered]);
      },
    },
    queue: {
      status: async () => {
        // A worker registers a new instance and counts the last job just before the queue is read.
        await new Promise(setImmediate);
        registered.push({ id: "1101000001", name: "new" });
        return { waiting: 0, active: 0, delayed: 0, failed: 0 };
      },
    },
    counts: { summaries: async (ids) => Promise.resolve(ids.map(() => summary)) },
    chatUnion: { uniqueChats: async () => Promise.resolve(summary.uniqueChats) },
    now: () => 1_790_000_000_000,
  }),
);
const server = createServer(app);
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => server.close());

describe("GET /metrics/all", () => {
  it("includes the messages of a new instance once the queue no longer has them", async () => {
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const response = await fetch(`http://127.0.0.1:${String(port)}/metrics/all`);
    const { metrics } = metricsAnswer.parse(await response.json());
    expect(metrics).toMatchObject({ totalMessages: 1, asOf: "2026-09-21T14:13:20.000Z" });
  });
});
