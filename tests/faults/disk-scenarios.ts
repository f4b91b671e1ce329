import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../support/until.ts";
import type { Scenario } from "./catalogue.ts";
import { FsyncWatch } from "./fsync-watch.ts";
import { pause } from "./pause.ts";
import { startStandalone } from "./rig.ts";
import { underLoad } from "./trial.ts";

const FULL_MS = 8_000;
const DISK_MEGABYTES = 24;
/** Half a command, as an interrupted write leaves it. */
const TORN = "*3\r\n$3\r\nSET\r\n$4\r\nto";

/** The Redis machine loses power: its file keeps what was fsynced, plus half a command. */
function powerLoss(durability: "durable" | "fast"): Scenario {
  return {
    name: `power-loss-${durability}`,
    lacks: () => FsyncWatch.lacks(),
    run: async (seed) => {
      const setup = await startStandalone({ durability });
      try {
        const options = { fault: `power-loss-${durability}`, seed, mayLose: durability === "fast" };
        return await underLoad(setup.rig, options, async (random, load) => {
          const watch = await FsyncWatch.start(setup.redis.pid, setup.dir);
          await load.acceptsMore(1_500 + random(600), 60_000);
          await setup.redis.kill9();
          const { file, fsyncedBytes, writtenBytes } = await watch.ended();
          truncateSync(file, fsyncedBytes);
          appendFileSync(file, TORN);
          const recoveryStartedAt = Date.now();
          await setup.redis.restart();
          return {
            recoveryStartedAt,
            note: `${writtenBytes - fsyncedBytes} of ${writtenBytes} bytes were not fsynced`,
          };
        });
      } finally {
        await setup.rig.stop();
      }
    },
  };
}

function whyNoMount(): string | undefined {
  return process.platform === "linux" && process.getuid?.() === 0 ? undefined : "only root may mount a small disk";
}

const diskFull: Scenario = {
  name: "disk-full",
  lacks: whyNoMount,
  run: async (seed) => {
    const dir = mkdtempSync(join(tmpdir(), "ticktally-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_MEGABYTES}m`, "tmpfs", dir]);
    const setup = await startStandalone({ dir: join(dir, "redis") });
    try {
      return await underLoad(setup.rig, { fault: "disk-full", seed }, async (_random, load) => {
        const { pid } = setup.redis;
        const refusedBefore = load.history.refused;
        const filler = join(dir, "filler");
        fill(filler);
        await until("webhooks are refused", () => load.history.refused > refusedBefore);
        await pause(FULL_MS);
        rmSync(filler);
        const recoveryStartedAt = Date.now();
        await until("webhooks are accepted", () => load.history.lastAcceptedSentAt > recoveryStartedAt, 60_000);
        return {
          recoveryStartedAt,
          note: setup.redis.pid === pid ? "Redis stayed up" : "Redis ended and was started again",
        };
      });
    } finally {
      await setup.rig.stop();
      execFileSync("umount", [dir]);
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

function fill(path: string): void {
  const block = Buffer.alloc(64 * 1024);
  try {
    for (;;) appendFileSync(path, block);
  } catch {
    // Less than a block is free.
    writeFileSync(`${path}.rest`, "");
  }
}

/** Faults of the disk that Redis writes to. */
export const DISK_SCENARIOS: readonly Scenario[] = [powerLoss("durable"), powerLoss("fast"), diskFull];
