import type { QueueReader } from "@ticktally/core";
import type { RedisHeartbeats, RedisNode, RedisQuarantine } from "@ticktally/redis";
import { PROCESS_APPS, type healthAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import type { Authoriser } from "../access/authorise.ts";

export interface HealthDeps {
  readonly heartbeats: Pick<RedisHeartbeats, "list">;
  readonly queue: Pick<QueueReader, "status">;
  readonly quarantine: Pick<RedisQuarantine, "size" | "bytes">;
  readonly redisNodes: () => Promise<readonly RedisNode[]>;
  readonly authoriser: Authoriser;
}

/** `GET /health`: the state of every process, the queue, the quarantine and Redis. For the account and read tokens. */
export function healthRoutes({ heartbeats, queue, quarantine, redisNodes, authoriser }: HealthDeps): Router {
  return Router().get("/health", async (req, res) => {
    await authoriser.reader(req);
    const [beats, { oldestReceivedAtMs, ...waiting }, size, bytes, nodes] = await Promise.all([
      heartbeats.list(),
      queue.status(),
      quarantine.size(),
      quarantine.bytes(),
      redisNodes(),
    ]);
    const processes = beats
      .map(({ startedAt, ...beat }) => ({ ...beat, startedAt: new Date(startedAt * 1000).toISOString() }))
      .sort(
        (a, b) => PROCESS_APPS.indexOf(a.app) - PROCESS_APPS.indexOf(b.app) || (a.startedAt < b.startedAt ? -1 : 1),
      );
    const oldestReceivedAt = oldestReceivedAtMs === undefined ? null : new Date(oldestReceivedAtMs).toISOString();
    const redis = nodes.map(({ node, usedMemoryBytes, maxMemoryBytes, mayEvict, isAofOk }) => {
      return { node, usedMemoryBytes, maxMemoryBytes, mayEvict, isAofOk };
    });
    const health = { processes, queue: { ...waiting, oldestReceivedAt }, quarantine: { size, bytes }, redis };
    const answer: z.infer<typeof healthAnswer> = { success: true, health };
    res.json(answer);
  });
}
