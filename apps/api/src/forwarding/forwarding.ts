import type { InstanceRegistry } from "@ticktally/core";
import { postingAgent, postTo, type PostRequest } from "@ticktally/outbound";
import {
  DeadLetters,
  ForwardCipher,
  LaneQueue,
  LaneReader,
  Outbox,
  RedisTargets,
  TargetOverviews,
  type Keys,
  type QueueTroubles,
  type RedisClient,
} from "@ticktally/redis";
import type { ApiEnvironment, OutboundNetworks } from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import { TargetChanges } from "./target-changes.ts";

interface Options extends QueueTroubles {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly env: Pick<
    ApiEnvironment,
    | "FORWARD_KEY"
    | "FORWARD_MAX_BYTES"
    | "PUBLIC_URL"
    | "REDIS_URL"
    | "REDIS_SENTINEL"
    | "HOST"
    | "OPS_HOST"
    | "API_PORT"
    | "API_OPS_PORT"
  >;
  readonly registry: Pick<InstanceRegistry, "resolve">;
  readonly outbound: OutboundNetworks;
  readonly logger: Logger;
  /** Unix ms */
  readonly now: () => number;
}

/** The dependencies of the routes of targets. */
export function forwardingDeps({ redis, keys, env, registry, outbound, logger, now, ...troubles }: Options) {
  const [targets, targetOverviews] = [new RedisTargets(redis, keys), new TargetOverviews(redis, keys)];
  const agent = postingAgent(outbound);
  return {
    targets,
    targetOverviews,
    targetChanges: new TargetChanges({
      targets,
      overviews: targetOverviews,
      outbox: new Outbox(redis, keys),
      cipher: env.FORWARD_KEY === undefined ? undefined : new ForwardCipher(env.FORWARD_KEY),
      registry,
      outbound,
      own: {
        publicUrl: env.PUBLIC_URL,
        redis: [
          ...env.REDIS_URL.split(","),
          ...env.REDIS_SENTINEL.map(({ host, port }) => `redis://${host}:${String(port)}`),
        ],
        hosts: [env.HOST, env.OPS_HOST],
        ports: [env.API_PORT, env.API_OPS_PORT],
      },
      logger,
      now,
    }),
    lanes: new LaneReader(redis, keys),
    laneQueue: new LaneQueue(redis, { keys, ...troubles }),
    deadLetters: new DeadLetters(redis, keys),
    laneBytesMax: env.FORWARD_MAX_BYTES,
    post: async (request: PostRequest) => postTo(agent, request),
  };
}
