import { statSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunningRedis, findRedisServer, startRedis } from "./embedded-redis.mjs";
import { isRunning, identify } from "../start/process-identity.mjs";
import { askRedis } from "./redis-wire.mjs";

let folder: string;
const started: RunningRedis[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ticktally-redis-"));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map(async (redis) => redis.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startRedis>[0]> = {}): Promise<RunningRedis> {
  const redis = await startRedis({ dir: join(folder, "redis"), ...options });
  started.push(redis);
  return redis;
}

async function ask(redis: RunningRedis, ...command: string[]): Promise<string> {
  const { port, password } = new URL(redis.url);
  return askRedis({ port: Number(port), password }, [command]);
}

describe("startRedis", () => {
  it.each([
    ["durable", "always"],
    ["fast", "everysec"],
  ] as const)("keeps everything, evicts nothing, and has the fsync policy of %s", async (durability, appendfsync) => {
    const redis = await start({ durability });
    const settings = { appendonly: "yes", appendfsync, save: "", "maxmemory-policy": "noeviction", bind: "127.0.0.1" };
    for (const [name, value] of Object.entries({ ...settings, rdbcompression: "no" })) {
      expect(await ask(redis, "CONFIG", "GET", name)).toContain(`\r\n${name}\r\n$${value.length}\r\n${value}\r\n`);
    }
  });

  it("has a memory limit, so that it refuses writes before the system kills it", async () => {
    const memoryOf = async (redis: RunningRedis) =>
      Number(/\r\nmaxmemory\r\n\$\d+\r\n(\d+)\r\n/.exec(await ask(redis, "CONFIG", "GET", "maxmemory"))?.[1]);
    const redis = await start();
    expect(await memoryOf(redis)).toBeGreaterThan(0);
    expect(await memoryOf(redis)).toBeLessThanOrEqual(totalmem() / 2);
    expect(await memoryOf(await start({ dir: join(folder, "other"), memoryMax: "20mb" }))).toBe(20 * 1024 * 1024);
  });

  it.skipIf(process.platform !== "linux")("hides its password from process lists and other users", async () => {
    const redis = await start();
    const { port, password } = new URL(redis.url);
    expect(await askRedis({ port: Number(port), password: "wrong" }, [["PING"]])).not.toContain("PONG");
    expect(readFileSync(`/proc/${redis.pid}/cmdline`, "utf8")).not.toContain(password);
    expect(statSync(join(folder, "redis", "redis.conf")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, "redis", "redis.log"), "utf8")).not.toContain(password);
  });

  it("keeps acknowledged writes after a kill -9", async () => {
    let reasonOfExit = "";
    const redis = await start({ onUnexpectedExit: (how) => (reasonOfExit = how) });
    expect(await ask(redis, "SET", "kept", "yes")).toContain("+OK\r\n+OK");
    await redis.kill9();
    await redis.restart();
    expect(await ask(redis, "GET", "kept")).toContain("yes");
    expect(reasonOfExit).toBe("");
  });

  it("notifies its owner when it ends by itself", async () => {
    const how = await new Promise<string>((resolve) => {
      void start({ onUnexpectedExit: resolve }).then((redis) => process.kill(redis.pid, "SIGKILL"));
    });
    expect(how).toBe("SIGKILL");
  });

  it("keeps data, port and password after a stop and a start", async () => {
    const first = await start();
    await ask(first, "SET", "kept", "yes");
    await first.stop();
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await ask(second, "GET", "kept")).toContain("yes");
  });

  it("refuses a folder that another process owns, and names that process", async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(`process ${process.pid}`);
    expect(isRunning(identify(first.pid) ?? { pid: 0, startedAt: "" })).toBe(true);
  });

  it("can run several servers at the same time", async () => {
    const all = await Promise.all([1, 2, 3, 4].map(async (n) => start({ dir: join(folder, String(n)) })));
    expect(new Set(all.map(({ port }) => port)).size).toBe(4);
  });

  it("reports Redis's error if it cannot start, and releases the folder", async () => {
    await expect(start({ extraArgs: ["--maxmemory", "nonsense"] })).rejects.toThrow(/did not start.*maxmemory/s);
    await start();
  });
});

describe("findRedisServer", () => {
  it("says how to get a server if none is found", async () => {
    const nowhere = { dataDir: folder, sharedDir: folder, searchPath: [folder], toolPath: folder };
    await expect(findRedisServer(nowhere)).rejects.toMatchObject({
      exitCode: 69,
    });
    await expect(findRedisServer(nowhere)).rejects.toThrow(
      /^No Redis server of version 6\.2 or newer could be found: .*REDIS_URL/,
    );
  });
});
