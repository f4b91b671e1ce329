import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedis, type RunningRedis } from "../scripts/redis/embedded-redis.mjs";
import { askRedis } from "../scripts/redis/redis-wire.mjs";
import { runBackupTool } from "./support/backup-tool.ts";
import { generatedDay } from "./support/day.ts";
import { killWithParent } from "./support/kill-with-parent.ts";
import { freePort } from "./support/free-port.ts";
import { statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { type System } from "./system.ts";
import { until } from "./support/until.ts";

const day = generatedDay({ size: 1500, messages: 400, instanceCount: 3, seed: 7 });
const [first = ""] = day.instances;

let source: System;
let dir = "";
const servers: RunningRedis[] = [];

beforeAll(async () => {
  [source, dir] = await Promise.all([sharedSystem(), mkdtemp(join(tmpdir(), "ticktally-e2e-"))]);
  await source.accept(`[${day.webhooks.join()}]`);
  // Ten years old, so that the instance has too many hours to be read in one step.
  await source.accept(statusOf(first, "OLD", "sent", { timestamp: 1_450_000_000 }));
  await source.drained();
}, 120_000);
afterAll(async () => {
  await Promise.all(servers.map(async (server) => server.stop()));
  await rm(dir, { recursive: true, force: true });
});

async function server(name: string, extraArgs: readonly string[] = []): Promise<RunningRedis> {
  const started = await startRedis({ dir: join(dir, name), durability: "fast", port: await freePort(), extraArgs });
  servers.push(started);
  killWithParent(started.pid);
  return started;
}

/** A cluster of one node, which also forbids commands on keys in different slots. */
async function cluster(): Promise<RunningRedis> {
  const busPort = ["--cluster-port", String(await freePort())];
  const node = await server("cluster", ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", ...busPort]);
  const ask = async (...command: string[]) =>
    askRedis({ port: node.port, password: new URL(node.url).password }, [command]);
  const slots = Array.from({ length: 16_384 }, (_, slot) => String(slot));
  await ask("CLUSTER", "ADDSLOTS", ...slots);
  await until("the cluster is up", async () => (await ask("CLUSTER", "INFO")).includes("cluster_state:ok"));
  return node;
}

/** All keys with their content; only lists keep their order. */
async function content(file: string): Promise<ReadonlyMap<string, unknown>> {
  const keys = new Map<string, unknown>();
  let instance = "";
  for (const line of (await readFile(file, "utf8")).trimEnd().split("\n").slice(1, -1)) {
    const {
      kind,
      id,
      key,
      values = [],
      meta,
      counts,
    } = JSON.parse(line.slice(9)) as Record<string, string> & {
      values?: string[];
      meta?: string[];
    };
    instance = id ?? instance;
    const held = kind === "hash" ? pairs(values) : kind === "end" ? [pairs(meta ?? []), counts] : values;
    keys.set(`${instance} ${String(kind)} ${String(key)}`, held);
  }
  return keys;
}

function pairs(values: readonly string[]): readonly string[] {
  return values.flatMap((value, i) => (i % 2 === 0 ? [`${value} ${values[i + 1] ?? ""}`] : [])).sort();
}

describe("all stored data", () => {
  it("does not change when it is moved from a single Redis to a cluster and back", async () => {
    const [file, back] = [join(dir, "out"), join(dir, "back")];
    const run = async (tool: "export" | "import", path: string, url: string, env = {}) => {
      expect(await runBackupTool(tool, { url, file: path, env })).toMatchObject({
        exitCode: 0,
        output: expect.stringMatching(/^(Ex|Im)ported 3 instances/) as string,
      });
    };
    await run("export", file, source.redisUrl);
    const [node, single] = [await cluster(), await server("single")];
    const env = { REDIS_CLUSTER: "true" };
    await run("import", file, node.url, env);
    await run("export", back, node.url, env);
    expect(await content(back)).toEqual(await content(file));
    await run("import", back, single.url);
    await run("export", back, single.url);
    const all = await content(back);
    expect(all).toEqual(await content(file));
    expect([...all.keys()].filter((key) => key.includes("hash messages:")).length).toBeGreaterThan(5);
  }, 120_000);

  it("is complete after an interrupted import is repeated, without leftovers of the first import", async () => {
    const file = join(dir, "out");
    const other = await server("other");
    const ask = async (...command: string[]) =>
      askRedis({ port: other.port, password: new URL(other.url).password }, [command]);
    // Redis is full after some hundred keys.
    const [, used = ""] = /used_memory:(\d+)/.exec(await ask("INFO", "memory")) ?? [];
    await ask("CONFIG", "SET", "maxmemory", String(Number(used) + 1_400_000));
    const broken = await runBackupTool("import", { url: other.url, file });
    expect(broken).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("import again with --replace") as string,
    });
    await ask("CONFIG", "SET", "maxmemory", "0");
    expect(await runBackupTool("import", { url: other.url, file, args: ["--replace"] })).toMatchObject({ exitCode: 0 });
    await runBackupTool("export", { url: other.url, file: join(dir, "again") });
    expect(await content(join(dir, "again"))).toEqual(await content(file));
    expect(await ask("KEYS", "*importing*")).not.toContain("importing");
  }, 60_000);
});
