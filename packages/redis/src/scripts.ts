import { readFileSync } from "node:fs";
import { COUNTS_KEPT_DAYS } from "@ticktally/core";
import type { Result } from "ioredis";
import type { RedisClient } from "./connection/connection.ts";
import { DUMPED_HASHES } from "./counters/hash-strings.ts";
import { LAYOUT, NO_TIME, SUMMARY_FORMAT } from "./instances/instance-epoch.ts";
import { DAYS_A_KEY, HOURS_A_KEY, INSTANCE_KEYS } from "./keys.ts";
import { SLOT_BITS, SLOT_BYTES } from "./counters/counter-codec.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    readRecordsBuffer(keys: number, ...args: (string | Buffer)[]): Result<unknown, Context>;
    commitBatch(keys: number, ...args: (string | Buffer)[]): Result<unknown, Context>;
    addPending(key: string, pending: Buffer, sums: Buffer): Result<unknown, Context>;
    readCountsBuffer(key: string, prefix: string, first: number, last: number): Result<unknown, Context>;
  }
}

/** Define our scripts on a connection; ioredis loads each at its first use and again after a restart of Redis. */
export function defineScripts(redis: RedisClient): void {
  const onRecords = constants() + script("periods");
  redis.defineCommand("readRecords", { lua: onRecords + script("read-records"), readOnly: true });
  redis.defineCommand("commitBatch", { lua: onRecords + script("writing") + script("commit-batch") });
  redis.defineCommand("addPending", {
    numberOfKeys: 1,
    lua: onRecords + script("writing") + script("add-pending"),
  });
  redis.defineCommand("readCounts", { numberOfKeys: 1, lua: constants() + script("read-counts"), readOnly: true });
  redis.defineCommand("changeKeys", { numberOfKeys: 1, lua: constants() + script("change-keys") });
}

/** Average number of records per bucket. With it the fullest bucket, just before its split, stays below the 128 fields of a listpack. */
const BUCKET_LOAD = 40;
const PERIODS_MAX = 8;
const UNIQUE_EXACT_MAX = 1000;
/** Changes of counters that wait to be added up: those of about 300 webhooks. Not more, because readers get them too. */
export const PENDING_BYTES_MAX = 8192;
/**
 * An outbox keeps at least this many entries, if they are recent enough. They have at most about 4 kB, and a commit writes at least one: enough
 * for ten minutes of a moderately busy instance.
 */
export const OUTBOX_ENTRIES_MAX = 4_000;
/** A list shows half as many, because some may turn out to be delivered after all. */
const FAILED_KEPT = 100;

export function script(name: string): string {
  return readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), "utf8");
}

/** The names and numbers that the scripts use. Scripts know how things are stored, not what they mean. */
function constants(): string {
  const keys = Object.entries(INSTANCE_KEYS).map(([name, key]) => [name, quoted(key)] as const);
  const noSummary = Buffer.alloc(12);
  noSummary.writeUInt32BE(NO_TIME);
  const values = {
    ...Object.fromEntries(keys),
    SUMMARY: quoted(SUMMARY_FORMAT),
    NO_SUMMARY: quoted(Array.from(noSummary, (byte) => `\\${String(byte)}`).join("")),
    SLOT_BITS: quoted(SLOT_BITS),
    SLOT_MAX: quoted(String(2 ** (8 * SLOT_BYTES) - 1)),
    LAYOUT: quoted(LAYOUT),
    DUMPED_HASHES: quoted(DUMPED_HASHES.map((type) => `\\${String(type)}`).join("")),
    STORED: quoted("s"),
    STORED_MUCH: quoted("m"),
    DAMAGED: quoted("d"),
    CONFLICT: quoted("c"),
    BROKEN: quoted("b"),
    FAILED_KEPT: String(FAILED_KEPT),
    BUCKET_LOAD: String(BUCKET_LOAD),
    PERIODS_MAX: String(PERIODS_MAX),
    PENDING_BYTES_MAX: String(PENDING_BYTES_MAX),
    UNIQUE_EXACT_MAX: String(UNIQUE_EXACT_MAX),
    OUTBOX_ENTRIES_MAX: String(OUTBOX_ENTRIES_MAX),
    HOURS_A_KEY: String(HOURS_A_KEY),
    DAYS_A_KEY: String(DAYS_A_KEY),
    COUNTS_KEPT_SECONDS: String(COUNTS_KEPT_DAYS * 86_400),
  };
  return `local ${Object.keys(values).join(", ")} = ${Object.values(values).join(", ")}\n`;
}

/** These strings have only printable characters and no quotes. */
function quoted(text: string): string {
  return `"${text}"`;
}
