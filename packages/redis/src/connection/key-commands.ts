import { createHash } from "node:crypto";
import { StoreUnavailableError } from "@ticktally/core";
import { changeReply, recordsReply, type PackedAnswer } from "@ticktally/schemas";
import type { Result } from "ioredis";
import { unpackArray } from "../messagepack/packed-array.ts";
import { PackedWriter } from "../messagepack/packed-writer.ts";
import type { RedisClient } from "./connection.ts";
import type { UsedCommand } from "./used-commands.ts";
import { storeError } from "./store-error.ts";

declare module "ioredis" {
  interface RedisCommander<Context> {
    changeKeysBuffer(key: string, ...args: (string | Buffer)[]): Result<unknown, Context>;
  }
}

/** A command, its key and its arguments. All keys of a call share one hash tag. */
export type KeyCommand =
  readonly ["TIME"] | readonly [name: Exclude<UsedCommand, "TIME">, key: string, ...args: (string | number | Buffer)[]];

/** A decision: the commands to write, and what to return once they are done. */
export interface KeyChange<Outcome> {
  readonly commands: readonly KeyCommand[];
  readonly outcome: Outcome;
  /** Called with the answers of the commands, once they are done. */
  readonly onWritten?: (answers: readonly PackedAnswer[]) => void;
}

/** What the keys held when they were last read. If they are unchanged, a change based on it takes one call instead of two. */
export class KeyMemory {
  answers: Buffer | undefined;
}

interface ChangeOptions {
  /** Unix ms by the server's clock; nothing is written after it. */
  readonly untilMs?: number;
  /** Answers to the same reads. */
  readonly memory?: KeyMemory;
}

/** A key of the epoch that an instance has when it is read. @param name the part after the instance's prefix and epoch */
export function inEpoch(name: string): string {
  return `@${name}`;
}

/**
 * Read keys at one moment.
 * @param root one of the keys; for an instance the prefix of its keys
 * @returns an answer for each command
 */
export async function readKeys(
  redis: RedisClient,
  root: string,
  commands: readonly KeyCommand[],
): Promise<readonly PackedAnswer[]> {
  return unpackArray(recordsReply.parse(await redis.changeKeysBuffer(root, pack(commands), "", "").catch(storeError)));
}

/**
 * Read keys, decide, and write the decision in one step if the keys are unchanged; otherwise read and decide again.
 * @param decide returns no commands to write nothing
 * @throws {TooLateError} nothing is written
 * @throws {StoreUnavailableError} it may be written or not
 */
export async function changeKeys<Outcome>(
  redis: RedisClient,
  root: string,
  reads: readonly KeyCommand[],
  decide: (answers: readonly PackedAnswer[]) => KeyChange<Outcome>,
  { untilMs, memory = new KeyMemory() }: ChangeOptions = {},
): Promise<Outcome> {
  const deadline = untilMs === undefined ? [] : [String(Math.floor(untilMs))];
  const asked = pack(reads);
  const read = async () => recordsReply.parse(await redis.changeKeysBuffer(root, asked, "", "").catch(storeError));
  let isFresh = memory.answers === undefined;
  let answers = memory.answers ?? (await read());
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const { commands, outcome, onWritten } = decide(unpackArray(answers));
    if (commands.length > 0) {
      const args = [asked, markOf(answers), pack(commands), ...deadline];
      const reply = changeReply.parse(await redis.changeKeysBuffer(root, ...args).catch(storeError));
      if (reply === null) throw new TooLateError("Redis ran the command too late");
      if (Array.isArray(reply)) {
        onWritten?.(unpackArray(reply[0]));
        memory.answers = answers;
        return outcome;
      }
      answers = reply;
    } else if (isFresh) return outcome;
    else answers = await read();
    isFresh = true;
    memory.answers = answers;
  }
  throw new StoreUnavailableError("other processes kept changing the same keys");
}

/** The deadline passed before anything was written. */
export class TooLateError extends StoreUnavailableError {}

/** Whether scripts may not use a command, or the server does not have it. @throws if no script can be run */
export async function isRefused(redis: RedisClient, key: string, command: readonly string[]): Promise<boolean> {
  try {
    await redis.changeKeysBuffer(key, pack([command]), "", "");
    return false;
  } catch (error) {
    // Errors inside a script contain its position.
    if (!(error instanceof Error && error.message.includes("user_script"))) throw error;
    return REFUSAL.test(error.message);
  }
}

const REFUSAL = /NOPERM|can't run this command|Unknown Redis command/;

/** Each conflict means that another process made progress. */
const ROUNDS_MAX = 100;

function markOf(answers: Buffer): string {
  return createHash("sha1").update(answers).digest("hex");
}

function pack(commands: readonly (readonly (string | number | Buffer)[])[]): Buffer {
  const writer = new PackedWriter(64 * commands.length + 64);
  for (const command of commands) {
    writer.int(command.length);
    for (const part of command)
      writer.bytes(Buffer.isBuffer(part) ? part : Buffer.from(typeof part === "string" ? part : String(part)));
  }
  return writer.finish();
}
