import { until } from "../support/until.ts";
import type { StandaloneFault } from "./catalogue.ts";
import { pause } from "./pause.ts";

const PAUSE_MS = 8_000;
const FULL_MS = 8_000;
/** Free memory that `maxmemory` leaves. */
const FREE_BYTES = 256 * 1024;

function down(name: string, ms: number, load: StandaloneFault["load"] = {}): StandaloneFault {
  return {
    name,
    load,
    inject:
      ({ redis }) =>
      async () => {
        await redis.kill9();
        await pause(ms);
        const recoveryStartedAt = Date.now();
        await redis.restart();
        return { recoveryStartedAt };
      },
  };
}

/** Redis ends, freezes, or is full. */
export const REDIS_FAULTS: readonly StandaloneFault[] = [
  {
    name: "redis-sigkill",
    inject:
      ({ redis }) =>
      async () => {
        const { pid } = redis;
        const recoveryStartedAt = Date.now();
        process.kill(pid, "SIGKILL");
        await until("Redis is started again", () => redis.pid !== pid);
        return { recoveryStartedAt };
      },
  },
  {
    name: "redis-and-all-sigkill",
    inject:
      ({ rig, redis }) =>
      async () => {
        const { pid } = redis;
        const recoveryStartedAt = Date.now();
        const ends = [...rig.apps.values()].map(async (app) => app.end("SIGKILL"));
        process.kill(pid, "SIGKILL");
        await Promise.all(ends);
        await until("Redis is started again", () => redis.pid !== pid);
        return { recoveryStartedAt };
      },
  },
  down("redis-down-3s", 3_000),
  down("redis-down-40s", 40_000),
  { ...down("redis-down-3min", 180_000, { webhooksPerSecond: 200 }), isLong: true },
  {
    name: "redis-paused-8s",
    inject:
      ({ rig }) =>
      async () => {
        await rig.system.askRedis("CLIENT", "PAUSE", String(PAUSE_MS), "WRITE");
        await pause(PAUSE_MS);
        return {};
      },
  },
  {
    // As with DEBUG SLEEP: connections stay open, and nothing is answered.
    name: "redis-frozen-8s",
    inject:
      ({ redis }) =>
      async () => {
        process.kill(redis.pid, "SIGSTOP");
        await pause(PAUSE_MS);
        process.kill(redis.pid, "SIGCONT");
        return {};
      },
  },
  {
    name: "redis-full",
    inject:
      ({ rig }) =>
      async (_random, load) => {
        const [, used = "0"] = /used_memory:(\d+)/.exec(await rig.system.askRedis("INFO", "memory")) ?? [];
        const refusedBefore = load.history.refused;
        await rig.system.askRedis("CONFIG", "SET", "maxmemory", String(Number(used) + FREE_BYTES));
        await until("webhooks are refused", () => load.history.refused > refusedBefore);
        await pause(FULL_MS);
        await rig.system.askRedis("CONFIG", "SET", "maxmemory", "0");
        return {};
      },
  },
];
