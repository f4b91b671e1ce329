import { readFileSync } from "node:fs";
import {
  LATENCY_BOUNDS_SECONDS,
  ORIGINS,
  OUTCOMES,
  TYPE_CODE_ACTION,
  TYPE_CODE_UNKNOWN,
  transitionTable,
  type Outcome,
} from "@ticktally/core";
import type { Result } from "ioredis";
import { CHAT_FIRST_BYTES_GROUP, CHAT_FIRST_BYTES_PERSON } from "./chat-codec.ts";
import { GROWING, SLOT_BITS, SLOTS, TYPE_SLOTS } from "./counter-codec.ts";
import type { RedisClient } from "./connection.ts";
import { DAYS_A_KEY, HOURS_A_KEY, INSTANCE_KEYS } from "./keys.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    applyBatch(keys: number, ...args: (string | Buffer | number)[]): Result<unknown, Context>;
    readSummaryBuffer(...args: (string | number)[]): Result<unknown, Context>;
    readChatsBuffer(...args: string[]): Result<unknown, Context>;
    queueStatus(...args: string[]): Result<unknown, Context>;
    readMessagesBuffer(...args: (string | Buffer | number)[]): Result<unknown, Context>;
    listMessagesBuffer(...args: (string | Buffer | number)[]): Result<unknown, Context>;
    forgetInstance(key: string): Result<unknown, Context>;
    endForgetting(key: string, entry: string): Result<unknown, Context>;
    forgetChat(...args: (string | number | Buffer)[]): Result<unknown, Context>;
    commitImport(...args: (string | Buffer)[]): Result<unknown, Context>;
    readRootBuffer(key: string): Result<unknown, Context>;
    readKeysBuffer(...args: string[]): Result<unknown, Context>;
  }
}

/** Teach a connection our scripts; ioredis loads each at its first use and again after a restart of Redis. */
export function defineScripts(redis: RedisClient): void {
  const head = script("instance-head");
  const buckets = head + script("record-buckets");
  redis.defineCommand("applyBatch", { lua: constants() + buckets + APPLY_BATCH.map(script).join("") });
  redis.defineCommand("readSummary", { numberOfKeys: 1, lua: constants() + script("read-summary"), readOnly: true });
  redis.defineCommand("readChats", { numberOfKeys: 1, lua: constants() + script("read-chats"), readOnly: true });
  redis.defineCommand("queueStatus", { numberOfKeys: 12, lua: script("queue-status") });
  const reading = constants() + buckets + script("open-instance");
  redis.defineCommand("readMessages", { numberOfKeys: 1, lua: reading + script("read-messages"), readOnly: true });
  redis.defineCommand("listMessages", { numberOfKeys: 1, lua: reading + script("list-messages"), readOnly: true });
  const counting = buckets + FORGET_CHAT.map(script).join("");
  redis.defineCommand("forgetChat", { numberOfKeys: 1, lua: constants() + counting });
  const forgetting = constants() + head + script("forget-life");
  redis.defineCommand("forgetInstance", { numberOfKeys: 1, lua: forgetting + script("forget-instance") });
  redis.defineCommand("commitImport", { numberOfKeys: 1, lua: forgetting + script("commit-import") });
  redis.defineCommand("readRoot", { numberOfKeys: 1, lua: constants() + script("read-root"), readOnly: true });
  redis.defineCommand("readKeys", { numberOfKeys: 1, lua: script("read-keys"), readOnly: true });
  redis.defineCommand("endForgetting", { numberOfKeys: 1, lua: constants() + script("end-forgetting") });
}

/** Parts of one script, in order: each uses what those before it define. */
const FORGET_CHAT = ["message-record", "message-counts", "recipients", "forget-chat"];
const APPLY_BATCH = ["message-record", "message-counts", "recipients", "apply-events", "save-batch", "apply-batch"];

/** Average records a bucket: the fullest, just before its split, then stays below the 128 fields of a listpack. */
const BUCKET_LOAD = 40;
const UNIQUE_EXACT_MAX = 1000;
const HOURS_KEPT_DAYS = 400;
const FAILED_KEPT = 50;

/** Where no state was told. */
const OUTCOME_NONE = "-";

export function script(name: string): string {
  return readFileSync(new URL(`../lua/${name}.lua`, import.meta.url), "utf8");
}

/** The rules and numbers that the scripts run by, written once in core and here. */
function constants(): string {
  const outcome = (word: Outcome) => quoted(char(OUTCOMES.indexOf(word)));
  const rules = transitionTable().rows.map((row) => row.map((cell) => char(cell.state) + char(cell.outcome)).join(""));
  const keys = Object.entries(INSTANCE_KEYS).map(([name, key]) => [name, quoted(key)] as const);
  const offsets = Array.from({ length: SLOTS.SLOT_RETRACTED }, (_, i) => `#${String(i + 1)}`);
  const values = {
    ...Object.fromEntries(keys),
    RULES: quoted(rules.join("")),
    OUTCOME_CREATED: outcome("created"),
    OUTCOME_ADVANCED: outcome("advanced"),
    OUTCOME_DUPLICATE: outcome("duplicate"),
    OUTCOME_LATE: outcome("late"),
    OUTCOME_CONTRADICTION: outcome("contradiction"),
    OUTCOME_IGNORED: outcome("ignored"),
    OUTCOME_NONE: quoted(OUTCOME_NONE),
    ...Object.fromEntries(Object.entries(SLOTS).map(([name, slot]) => [name, String(slot)])),
    TOTALS: `{${offsets.map(() => "false").join(",")}}`,
    OFFSETS: `{[0]="#0",${offsets.map(quoted).join(",")}}`,
    SLOT_BITS: quoted(SLOT_BITS),
    TYPE_SLOTS: quoted(TYPE_SLOTS),
    GROWING: quoted(GROWING),
    ORIGIN_API: String(ORIGINS.indexOf("api")),
    TYPE_ACTION: String(TYPE_CODE_ACTION),
    TYPE_UNKNOWN: String(TYPE_CODE_UNKNOWN),
    LATENCY_BOUNDS: `{${LATENCY_BOUNDS_SECONDS.join(",")}}`,
    CHATS_OF_GROUPS: quoted(CHAT_FIRST_BYTES_GROUP),
    CHATS_OF_PERSONS: quoted(CHAT_FIRST_BYTES_PERSON),
    FAILED_KEPT: String(FAILED_KEPT),
    BUCKET_LOAD: String(BUCKET_LOAD),
    UNIQUE_EXACT_MAX: String(UNIQUE_EXACT_MAX),
    HOURS_A_KEY: String(HOURS_A_KEY),
    DAYS_A_KEY: String(DAYS_A_KEY),
    HOURS_KEPT_SECONDS: String(HOURS_KEPT_DAYS * 86_400),
  };
  return `local ${Object.keys(values).join(", ")} = ${Object.values(values).join(", ")}\n`;
}

/** Only printable characters without backslash or quote get here: codes up to 30, and first bytes of chats. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function char(code: number): string {
  return String.fromCharCode(48 + code);
}
