import { z } from "zod";
import { instanceId } from "../rest/instance-id.ts";
import { quarantineEntry } from "./quarantine-entry.ts";
import { reconciliation } from "../rest/reconciliation.ts";
import { storedUpstream } from "../rest/upstream.ts";

/** The lines of an export, each as JSON after its checksum; see `docs/backup.md`. */

/** Raise it when lines or packed values change their meaning. */
export const BACKUP_FORMAT = 3;
/** The same lines; its messages are counted again when they are read. */
export const BACKUP_FORMAT_BEFORE = 2;
/** The format of version 0.1: its records are converted when they are read. */
export const BACKUP_FORMAT_OLD = 1;

const count = z.number().int().nonnegative();
/** Bytes, base64. */
const bytes = z.base64();
/** A name has 64 at most, but it is the id until another is given. */
const NAME_CHARS_MAX = 200;

export const backupHeader = z.object({
  kind: z.literal("ticktally-export"),
  format: z.number().int(),
  /** The version of Ticktally that wrote it. */
  version: z.string(),
  /** ISO 8601 */
  at: z.string(),
  /** `all`, or the requested ids. */
  instances: z.union([z.literal("all"), z.array(instanceId)]),
  /** The setting at that time; the old format's records are arranged by it. */
  retentionDays: z.number().positive(),
});
export type BackupHeader = z.infer<typeof backupHeader>;

/** An instance begins: its registry entry, and what its keys depend on. */
const backupInstance = z.object({
  kind: z.literal("instance"),
  id: instanceId,
  name: z.string().min(1).max(NAME_CHARS_MAX),
  /** SHA-256 of valid tokens, newest first. */
  tokens: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
  upstream: storedUpstream.optional(),
  reconciliation: reconciliation.optional(),
  /** Missing if nothing was ever recorded. */
  epoch: z.object({ hashKey: bytes, periods: bytes, summary: bytes }).optional(),
  /** The same in the old format. */
  life: z.object({ generation: count, buckets: z.tuple([count, count, count]), first: count }).optional(),
});
export type BackupEpoch = NonNullable<z.infer<typeof backupInstance>["epoch"]>;
export type BackupInstance = z.infer<typeof backupInstance>;

/** A key of the instance, or part of it: several lines of one key follow each other and add up. */
export const backupKey = z.object({
  kind: z.enum(["hash", "list", "string", "zset"]),
  /** The part after the instance's prefix. */
  key: z
    .string()
    .regex(
      /^(messages|extras|arrivals|failures|descriptions|recipients|heard|failed|hours|days|kinds|cohorts|latencies|chats|label)[\x21-\x7e]*$/,
    ),
  /** Unix ms; missing for keys that do not expire. */
  expiresAtMs: count.optional(),
  /**
   * For a hash: field and value in turn; for a sorted set: member and score; for a list: its elements in order; for a string: its value.
   */
  values: z.array(bytes),
});
export type BackupKey = z.infer<typeof backupKey>;

/** The instance ends: the fields that make it visible are written last. */
const backupInstanceEnd = z.object({
  kind: z.literal("end"),
  id: instanceId,
  keys: count,
  messages: count,
  /** Field and value in turn. */
  meta: z.array(bytes),
  counts: bytes,
  /** In the old format, part of the counts. */
  retracted: bytes.default(""),
  pending: bytes.default(""),
});
export type BackupInstanceEnd = z.infer<typeof backupInstanceEnd>;

const backupQuarantine = z.object({ kind: z.literal("quarantine"), entries: z.array(quarantineEntry) });

export const backupTrailer = z.object({
  kind: z.literal("trailer"),
  lines: count,
  instances: count,
  keys: count,
  messages: count,
  quarantined: count,
  /** Checksum of everything before this line, hex. */
  sha256: z.string(),
});
export type BackupTrailer = z.infer<typeof backupTrailer>;

/** Lines between header and trailer. */
export const backupLine = z.discriminatedUnion("kind", [
  backupInstance,
  backupKey,
  backupInstanceEnd,
  backupQuarantine,
]);
export type BackupLine = z.infer<typeof backupLine>;

export const manifest = z.object({ version: z.string() });
