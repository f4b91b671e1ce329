import { readFileSync } from "node:fs";
import { createReadStream, createWriteStream } from "node:fs";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Redis } from "ioredis";
import { z } from "zod";
import { BackupWriter, readBackup } from "../../apps/cli/src/backup/backup-file.ts";

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url);
const stored = z
  .object({
    writtenAtMs: z.number(),
    retentionDays: z.number(),
    keys: z.array(
      z.object({ key: z.string(), type: z.string(), expiresAtMs: z.number().optional(), values: z.array(z.string()) }),
    ),
  })
  .parse(JSON.parse(readFileSync(fixture("layout-1.json"), "utf8")));
const scripts = z
  .array(z.object({ name: z.string(), lua: z.string(), args: z.array(z.string()) }))
  .parse(JSON.parse(readFileSync(fixture("scripts-of-0.1.0.json"), "utf8")));

const GENERATION_MS = (stored.retentionDays * 86_400_000) / 2;
const DAYS = GENERATION_MS / 86_400_000;
/** How many generations the data is moved forward: records expire by their generation. The times in the records do not change. */
const LATER = Math.max(0, Math.floor((Date.now() - stored.writtenAtMs) / GENERATION_MS));
const COMMANDS: Readonly<Record<string, string>> = {
  hash: "HSET",
  list: "RPUSH",
  set: "SADD",
  string: "SET",
  zset: "ZADD",
};

/** Restore the data of version 0.1 into an empty Redis, as if it had been written in the last days. */
export async function restoreLayout1(redis: Redis): Promise<void> {
  for (const { key, type, expiresAtMs, values } of stored.keys) {
    const expires = expiresAtMs === undefined ? undefined : later(expiresAtMs);
    if ((expires ?? Infinity) <= Date.now()) continue;
    let bytes: Buffer[] = values.map((value) => Buffer.from(value, "base64"));
    if (key.endsWith(":meta")) bytes = bytes.map((value) => (value.length === HEAD_BYTES ? laterHead(value) : value));
    if (key.endsWith(":forgotten") && type === "list")
      bytes = bytes.map((entry) =>
        Buffer.from(String(entry).replace(/ (\d+)/, (_, g) => ` ${String(Number(g) + LATER)}`)),
      );
    if (type === "zset") bytes = bytes.map((_, i) => bytes[i % 2 === 0 ? i + 1 : i - 1] ?? Buffer.alloc(0));
    const name = laterName(key);
    await redis.call(COMMANDS[type] ?? "", name, ...bytes);
    if (expires !== undefined) await redis.pexpireat(name, expires);
  }
}

/** Write the export that version 0.1 made of the same data, as if it had been made in the last days. */
export async function exportOfLayout1(path: string): Promise<void> {
  const out = createWriteStream(path);
  const writer = new BackupWriter(out);
  for await (const line of readBackup(createReadStream(fileURLToPath(fixture("export-1.txt"))))) {
    if (line.kind === "ticktally-export") await writer.header(line);
    else if (line.kind === "instance" && line.life !== undefined)
      await writer.line({ ...line, life: { ...line.life, generation: line.life.generation + LATER } });
    else if ("key" in line) {
      const expires = line.expiresAtMs === undefined ? {} : { expiresAtMs: later(line.expiresAtMs) };
      await writer.line({ ...line, key: laterName(line.key), ...expires });
    } else if (line.kind === "end") {
      const meta = line.meta.map((text) => {
        const bytes = Buffer.from(text, "base64");
        return bytes.length === HEAD_BYTES ? laterHead(bytes).toString("base64") : text;
      });
      await writer.line({ ...line, meta });
    } else await writer.line(line);
  }
  await writer.trailer();
  out.end();
  await once(out, "finish");
}

/** The script calls of version 0.1. */
export const callsOfLayout1 = scripts.map(({ name, lua, args }) => ({
  name,
  call: async (redis: Redis) => redis.call("EVAL", lua, ...args.map((arg) => Buffer.from(arg, "base64"))),
}));

const HEAD_BYTES = 34;

function later(ms: number): number {
  return ms + LATER * GENERATION_MS;
}

function laterHead(head: Buffer): Buffer {
  const moved = Buffer.from(head);
  moved.writeUIntBE(head.readUIntBE(0, 6) + LATER, 0, 6);
  return moved;
}

function laterName(key: string): string {
  return key
    .replace(
      /((?:messages|descriptions|recipients|heard):)(\d+)/,
      (_, kind: string, g: string) => kind + String(Number(g) + LATER),
    )
    .replace(/(heard:\d+:)(\d+)$/, (_, list: string, day: string) => list + String(Number(day) + LATER * DAYS));
}
