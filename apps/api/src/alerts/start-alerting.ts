import { randomUUID } from "node:crypto";
import {
  EventLanes,
  ForwardCipher,
  forwardingRoom,
  LaneQueue,
  RedisAlertStore,
  RedisTargets,
  TargetOverviews,
  type Keys,
  type QueueTroubles,
  type RedisClient,
} from "@ticktally/redis";
import type { ApiEnvironment } from "@ticktally/schemas";
import { logThrottled, type Logger } from "@ticktally/telemetry";
import { AlertRounds, type AlertRoundsDeps } from "./alert-rounds.ts";
import { logSink } from "./log-sink.ts";
import { targetSink } from "./target-sink.ts";

interface Options extends QueueTroubles, Pick<AlertRoundsDeps, "registry" | "counts" | "queue" | "quarantine" | "now"> {
  readonly env: Pick<ApiEnvironment, "FORWARD_KEY" | "FORWARD_MAX_BYTES" | "FORWARD_MAX_TOTAL_BYTES">;
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly logger: Logger;
}

/** Start alerts without Prometheus. @returns a function to stop them */
export function startAlerting({ redis, keys, env, logger, now, onError, onUnusable, ...sources }: Options): {
  readonly stop: () => Promise<void>;
} {
  const [targets, overviews] = [new RedisTargets(redis, keys), new TargetOverviews(redis, keys)];
  const log = logSink(logger);
  const sinks = env.FORWARD_KEY === undefined ? [log] : [toTargets(env.FORWARD_KEY), log];
  const rounds = new AlertRounds({
    ...sources,
    store: new RedisAlertStore(redis, keys, randomUUID()),
    targets: async () => {
      const all = (await targets.read()).targets;
      return Promise.all(
        all.map(async ({ id, name }) => {
          const { oldestAtMs, refused, dropped, deadEver } = await overviews.overview(id);
          const oldestSeconds = oldestAtMs === undefined ? 0 : Math.max(0, now() - oldestAtMs) / 1000;
          return { name, oldestSeconds, counts: { refused, dropped, dead: deadEver } };
        }),
      );
    },
    sink: {
      send: async (event) => {
        for (const sink of sinks) await sink.send(event);
      },
    },
    onError: logThrottled(logger, "alerts cannot be evaluated or sent now; this will be retried", now),
    now,
  });
  rounds.start();
  return rounds;

  function toTargets(forwardKey: readonly Buffer[]) {
    const cipher = new ForwardCipher(forwardKey);
    const allBytesMax = forwardingRoom(redis, env.FORWARD_MAX_TOTAL_BYTES);
    const lanes = new EventLanes(redis, { keys, cipher, laneBytesMax: env.FORWARD_MAX_BYTES, allBytesMax });
    return targetSink({ targets, cipher, lanes, queue: new LaneQueue(redis, { keys, onError, onUnusable }), now });
  }
}
