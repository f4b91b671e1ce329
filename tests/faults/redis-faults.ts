import { until } from "../support/until.ts";
import type { StandaloneFault } from "./catalogue.ts";
import { pause } from "./pause.ts";

const PAUSE_MS = 8_000;
const FULL_MS = 8_000;
/** Room that is left when Redis is told that it is full soon. */
const ROOM_BYTES = 256 * 1024;

function down(name: string, ms: number, load: StandaloneFault["load"] = {}): StandaloneFault {
  return {
    name,
    load,
    strike:
      ({ redis }) =>
      async () => {
        await redis.kill9();
        await pause(ms);
        const curedAt = Date.now();
        await redis.restart();
        return { curedAt };
      },
  };
}

/** Redis ends, is slow, or is full. */
export const REDIS_FAULTS: readonly StandaloneFault[] = [
  {
    name: "redis-sigkill",
    strike:
      ({ redis }) =>
      async () => {
        const { pid } = redis;
        const curedAt = Date.now();
        process.kill(pid, "SIGKILL");
        await until("Redis is started again", () => redis.pid !== pid);
        return { curedAt };
      },
  },
  {
    name: "redis-and-all-sigkill",
    strike:
      ({ rig, redis }) =>
      async () => {
        const { pid } = redis;
        const curedAt = Date.now();
        const ends = [...rig.apps.values()].map(async (app) => app.end("SIGKILL"));
        process.kill(pid, "SIGKILL");
        await Promise.all(ends);
        await until("Redis is started again", () => redis.pid !== pid);
        return { curedAt };
      },
  },
  down("redis-down-3s", 3_000),
  down("redis-down-40s", 40_000),
  { ...down("redis-down-3min", 180_000, { webhooksPerSecond: 200 }), isLong: true },
  {
    name: "redis-paused-8s",
    strike:
      ({ rig }) =>
      async () => {
        await rig.system.askRedis("CLIENT", "PAUSE", String(PAUSE_MS), "WRITE");
        await pause(PAUSE_MS);
        return {};
      },
  },
  {
    // What DEBUG SLEEP does: connections stand, nothing is answered.
    name: "redis-frozen-8s",
    strike:
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
    strike:
      ({ rig }) =>
      async (_random, load) => {
        const [, used = "0"] = /used_memory:(\d+)/.exec(await rig.system.askRedis("INFO", "memory")) ?? [];
        const refusedBefore = load.history.refused;
        await rig.system.askRedis("CONFIG", "SET", "maxmemory", String(Number(used) + ROOM_BYTES));
        await until("webhooks are refused", () => load.history.refused > refusedBefore);
        await pause(FULL_MS);
        await rig.system.askRedis("CONFIG", "SET", "maxmemory", "0");
        return {};
      },
  },
];
