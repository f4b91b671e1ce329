import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedis, type RunningRedis } from "../scripts/redis/embedded-redis.mjs";
import { startRedisCluster, type RedisCluster } from "../scripts/redis/redis-cluster.mjs";
import { askRedis } from "../scripts/redis/redis-wire.mjs";
import { killWithParent } from "./support/kill-with-parent.ts";
import { freePort } from "./support/free-port.ts";

const COMMANDS = join(import.meta.dirname, "..", "apps", "cli", "dist", "main.js");

let dir = "";
let redis: RunningRedis;
let cluster: RedisCluster;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "ticktally-doctor-"));
  redis = await startRedis({ dir: join(dir, "one"), durability: "durable", port: await freePort() });
  killWithParent(redis.pid);
  cluster = await startRedisCluster({
    dir: join(dir, "three"),
    masters: 3,
    durability: "fast",
    onStart: killWithParent,
  });
}, 60_000);
afterAll(async () => {
  await Promise.all([redis?.stop(), cluster?.stop()]);
  await rm(dir, { recursive: true, force: true });
});

async function examine(env: Readonly<Record<string, string>>): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, [COMMANDS, "doctor"], { env: { PATH: process.env["PATH"], ...env } });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [exitCode] = (await once(child, "close")) as [number];
  return { exitCode, output };
}

async function set(...settings: readonly (readonly [string, string])[]): Promise<void> {
  const commands = settings.map(([name, value]) => ["CONFIG", "SET", name, value]);
  await askRedis({ port: redis.port, password: new URL(redis.url).password }, commands);
}

describe("npm run doctor", () => {
  it("finds no fault in the embedded Redis of npm start, and leaves no data in it", async () => {
    const { exitCode, output } = await examine({ REDIS_URL: redis.url });
    // A busy machine may answer slowly, which is reported.
    const aboutSettings = output.replace(/^ {2}warning {2}a PING takes .*\n/m, "");
    expect(aboutSettings).toMatch(/^Redis at 127\.0\.0\.1:\d+\n( {2}ok .*\n)+$/);
    expect(exitCode).toBe(aboutSettings === output ? 0 : 1);
    const keys = await askRedis({ port: redis.port, password: new URL(redis.url).password }, [["DBSIZE"]]);
    expect(keys).toContain(":0\r\n");
    expect(output).not.toContain(new URL(redis.url).password);
  });

  it("reports what must be changed, and exits with 2", async () => {
    await set(["maxmemory-policy", "allkeys-lru"], ["appendfsync", "everysec"], ["maxmemory", "0"]);
    const { exitCode, output } = await examine({ REDIS_URL: redis.url });
    await set(["maxmemory-policy", "noeviction"], ["appendfsync", "always"], ["maxmemory", "1gb"]);
    expect(exitCode).toBe(2);
    expect(output).toMatch(/FAULT .*maxmemory-policy is allkeys-lru.*noeviction/);
    expect(output).toMatch(/warning .*appendfsync everysec/);
    expect(output).toMatch(/warning .*maxmemory is not set/);
  });

  it("reports missing permissions of its own and of Ticktally", async () => {
    const password = "password-of-a-user-of-the-tests";
    const ask = async (...rules: readonly string[]) =>
      askRedis({ port: redis.port, password: new URL(redis.url).password }, [["ACL", "SETUSER", "some", ...rules]]);
    await ask("on", `>${password}`, "~*", "+@all", "-config");
    const url = redis.url.replace(/^redis:\/\/.*@/, `redis://some:${password}@`);
    expect((await examine({ REDIS_URL: url })).output).toContain("appendfsync cannot be read");
    await ask("-eval");
    const { exitCode, output } = await examine({ REDIS_URL: url });
    expect(output).toMatch(/FAULT .*eval/i);
    expect(exitCode).toBe(2);
  });

  it.concurrent("checks each master of a cluster, and reports a cluster that is used as a single Redis", async () => {
    const env = { REDIS_URL: cluster.url, REDIS_CLUSTER: "true", QUEUE_SHARDS: "8" };
    const [first = ""] = cluster.url.split(",");
    const [{ exitCode, output }, misused] = await Promise.all([examine(env), examine({ REDIS_URL: first })]);
    expect(output.match(/^Redis at /gm)).toHaveLength(3);
    expect(output.match(/ok .*cluster of 3 masters, 8 queues/g)).toHaveLength(3);
    expect(exitCode).toBe(1);
    expect(misused.output).toMatch(/FAULT .*set REDIS_CLUSTER=true/);
    expect(misused.exitCode).toBe(2);
  });

  it.concurrent("reports an unreachable Redis and an invalid environment", async () => {
    const [unreachable, wrong] = await Promise.all([
      examine({ REDIS_URL: "redis://127.0.0.1:9", REDIS_COMMAND_TIMEOUT_MS: "300" }),
      examine({ REDIS_URL: "http://127.0.0.1" }),
    ]);
    expect(unreachable.output).toMatch(/FAULT .*cannot be reached/);
    expect(unreachable.exitCode).toBe(2);
    expect(wrong.output).toContain("REDIS_URL");
    expect(wrong.exitCode).toBe(78);
  });
});
