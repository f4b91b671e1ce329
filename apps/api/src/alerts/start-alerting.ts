import { randomUUID } from "node:crypto";
import { RedisAlertStore, RedisTargets, TargetOverviews, type Keys, type RedisClient } from "@ticktally/redis";
import { sparingly, type Logger } from "@ticktally/telemetry";
import { AlertRounds, type AlertRoundsDeps } from "./alert-rounds.ts";
import { logSink } from "./log-sink.ts";

interface Options extends Pick<AlertRoundsDeps, "registry" | "counts" | "queue" | "quarantine" | "now"> {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly logger: Logger;
}

/** Alerts without Prometheus. @returns how to stop them */
export function startAlerting({ redis, keys, logger, now, ...sources }: Options): {
  readonly stop: () => Promise<void>;
} {
  const [targets, overviews] = [new RedisTargets(redis, keys), new TargetOverviews(redis, keys)];
  const rounds = new AlertRounds({
    ...sources,
    store: new RedisAlertStore(redis, keys, randomUUID()),
    targets: async () => {
      const all = (await targets.read()).targets;
      return Promise.all(
        all.map(async ({ id, name }) => {
          const { oldestAtMs } = await overviews.overview(id);
          return { name, oldestSeconds: oldestAtMs === undefined ? 0 : Math.max(0, now() - oldestAtMs) / 1000 };
        }),
      );
    },
    sink: logSink(logger),
    onError: sparingly(logger, "alerts cannot be worked out or sent now; it is tried again", now),
    now,
  });
  rounds.start();
  return rounds;
}
