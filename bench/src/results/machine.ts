import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { findRedisServer } from "../../../scripts/redis/embedded-redis.mjs";
import { parseJson } from "../../../scripts/process/json.mjs";
import type { Durability } from "../../../scripts/redis/embedded-redis.mjs";

/** The machine and the software versions of a run. */
export async function machine(durability: Durability) {
  const redis = await findRedisServer({ dataDir: tmpdir() });
  const manifest = parseJson(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  const { devDependencies } = manifest as { devDependencies: Record<string, string> };
  const version = (name: string) => `${name} ${devDependencies[name] ?? "?"}`;
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `Linux ${release()}`,
    node: process.version,
    redis: `${redis.name} ${redis.version}, appendonly, appendfsync ${durability === "durable" ? "always" : "everysec"}`,
    disk: fileSystemOf(tmpdir()),
    libraries: ["bullmq", "express", "ioredis", "pg-boss"].map(version).join(", "),
    loadGenerator: `Node ${process.version}, as all contenders, on the same cores`,
  };
}

/** The type of the file system. It is reported because an fsync to memory costs nothing. */
function fileSystemOf(folder: string) {
  const type = execFileSync("stat", ["-f", "-c", "%T", folder], { encoding: "utf8" }).trim();
  return `${type} (data of all servers)`;
}
