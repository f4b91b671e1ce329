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

async function examine(env: Readonly<Record<string, string>>): Promise<{ exitCode: number; told: string }> {
  const child = spawn(process.execPath, [COMMANDS, "doctor"], { env: { PATH: process.env["PATH"], ...env } });
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (told += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
  const [exitCode] = (await once(child, "close")) as [number];
  return { exitCode, told };
}

async function set(...settings: readonly (readonly [string, string])[]): Promise<void> {
  const commands = settings.map(([name, value]) => ["CONFIG", "SET", name, value]);
  await askRedis({ port: redis.port, password: new URL(redis.url).password }, commands);
}

describe("npm run doctor", () => {
  it("is content with the embedded Redis as npm start runs it, and leaves nothing there", async () => {
    const { exitCode, told } = await examine({ REDIS_URL: redis.url });
    // A busy machine may be slow to answer, and that is told.
    const aboutSettings = told.replace(/^ {2}warning {2}a PING takes .*\n/m, "");
    expect(aboutSettings).toMatch(/^Redis at 127\.0\.0\.1:\d+\n( {2}ok .*\n)+$/);
    expect(exitCode).toBe(aboutSettings === told ? 0 : 1);
    const keys = await askRedis({ port: redis.port, password: new URL(redis.url).password }, [["DBSIZE"]]);
    expect(keys).toContain(":0\r\n");
    expect(told).not.toContain(new URL(redis.url).password);
  });

  it("says what must be changed, and ends with 2", async () => {
    await set(["maxmemory-policy", "allkeys-lru"], ["appendfsync", "everysec"], ["maxmemory", "0"]);
    const { exitCode, told } = await examine({ REDIS_URL: redis.url });
    await set(["maxmemory-policy", "noeviction"], ["appendfsync", "always"], ["maxmemory", "1gb"]);
    expect(exitCode).toBe(2);
    expect(told).toMatch(/FAULT .*maxmemory-policy is allkeys-lru.*noeviction/);
    expect(told).toMatch(/warning .*appendfsync everysec/);
    expect(told).toMatch(/warning .*maxmemory is not set/);
  });

  it("looks at each master of a cluster, and tells one that is used as none", async () => {
    const env = { REDIS_URL: cluster.url, REDIS_CLUSTER: "true", QUEUE_SHARDS: "8" };
    const { exitCode, told } = await examine(env);
    expect(told.match(/^Redis at /gm)).toHaveLength(3);
    expect(told.match(/ok .*cluster of 3 masters, 8 queues/g)).toHaveLength(3);
    expect(exitCode).toBe(1);
    const [first = ""] = cluster.url.split(",");
    const misused = await examine({ REDIS_URL: first });
    expect(misused.told).toMatch(/FAULT .*set REDIS_CLUSTER=true/);
    expect(misused.exitCode).toBe(2);
  });

  it("says that it may not look, and what Ticktally may not do", async () => {
    const password = "password-of-a-user-of-the-tests";
    const ask = async (...rules: readonly string[]) =>
      askRedis({ port: redis.port, password: new URL(redis.url).password }, [["ACL", "SETUSER", "some", ...rules]]);
    await ask("on", `>${password}`, "~*", "+@all", "-config");
    const url = redis.url.replace(/^redis:\/\/.*@/, `redis://some:${password}@`);
    expect((await examine({ REDIS_URL: url })).told).toContain("appendfsync cannot be read");
    await ask("-eval");
    const { exitCode, told } = await examine({ REDIS_URL: url });
    expect(told).toMatch(/FAULT .*eval/i);
    expect(exitCode).toBe(2);
  });

  it("tells a Redis that is not there and an environment that is wrong", async () => {
    const nobody = await examine({ REDIS_URL: "redis://127.0.0.1:9", REDIS_COMMAND_TIMEOUT_MS: "300" });
    expect(nobody.told).toMatch(/FAULT .*cannot be reached/);
    expect(nobody.exitCode).toBe(2);
    const wrong = await examine({ REDIS_URL: "http://127.0.0.1" });
    expect(wrong.told).toContain("REDIS_URL");
    expect(wrong.exitCode).toBe(78);
  });
});
