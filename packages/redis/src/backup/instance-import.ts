import type { InstanceId } from "@ticktally/core";
import {
  fieldsAnswer,
  valueAnswer,
  type BackupEpoch,
  type BackupInstanceEnd,
  type BackupKey,
} from "@ticktally/schemas";
import { HASH_KEY_BYTES } from "../instances/instance-basis.ts";
import type { RedisClient } from "../connection/connection.ts";
import { commandsToForget, epochAsked } from "../instances/instance-eraser.ts";
import { keysOfEpoch, LAYOUT, packEpoch, unpackEpoch, type InstanceEpoch } from "../instances/instance-epoch.ts";
import { changeKeys, type KeyCommand } from "../connection/key-commands.ts";
import { SETTING_FIELDS } from "../instances/instance-settings.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";
import { BackupError } from "./backup-error.ts";

export interface InstanceImportDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** Unix ms */
  readonly now: () => number;
}

const COMMANDS_AT_ONCE = 200;
const KEYS_A_CALL = 500;

type Argument = string | Buffer | number;

/**
 * Writes one instance under a new epoch that no reader uses, and finally switches readers to it in one step. If it is interrupted before
 * that, the instance stays as it was, and the next import deletes what was written.
 */
export class InstanceImport {
  readonly #deps: InstanceImportDeps;
  readonly #root: string;
  readonly #id: InstanceId;
  readonly #listLengths = new Map<string, number>();
  readonly #hashKey: Buffer;
  #entry: Buffer = NOTHING;
  #epoch = "";
  #commands: [string, ...Argument[]][] = [];

  private constructor(deps: InstanceImportDeps, id: InstanceId, hashKey: Buffer) {
    this.#deps = deps;
    this.#id = id;
    this.#hashKey = hashKey;
    this.#root = deps.keys.instance(id);
  }

  /** @param used numbers of epochs that the instance has in other layouts */
  static async begin(
    deps: InstanceImportDeps,
    id: InstanceId,
    epoch: BackupEpoch,
    used: readonly number[] = [],
  ): Promise<InstanceImport> {
    const begun = new InstanceImport(deps, id, Buffer.from(epoch.hashKey, "base64"));
    await begun.#begin(epoch, used);
    return begun;
  }

  async write({ kind, key, expiresAtMs, values }: BackupKey): Promise<void> {
    if (values.length === 0 || (expiresAtMs ?? Infinity) <= this.#deps.now()) return;
    const bytes = values.map((value) => Buffer.from(value, "base64"));
    await this.command(COMMAND_OF[kind], key, kind === "zset" ? swapped(bytes) : bytes);
    if (expiresAtMs !== undefined) await this.command("PEXPIREAT", key, [Math.round(expiresAtMs)]);
  }

  /** @param key the part after the epoch */
  async command(name: string, key: string, args: readonly Argument[]): Promise<void> {
    const whole = this.#root + this.#epoch + key;
    if (name === "RPUSH") this.#listLengths.set(whole, (this.#listLengths.get(whole) ?? 0) + args.length);
    this.#commands.push([name, whole, ...args]);
    if (this.#commands.length >= COMMANDS_AT_ONCE) await this.#flush();
  }

  /** Merge a HyperLogLog into a key. */
  async merge(key: string, sketch: Buffer): Promise<void> {
    const whole = this.#root + this.#epoch + key;
    await this.command("SET", `${key}+`, [sketch]);
    await this.command("PFMERGE", key, [`${whole}+`]);
    await this.command("DEL", `${key}+`, []);
  }

  /** @throws {BackupError} if the result differs from the export, or something else was written meanwhile */
  async commit(
    { meta, counts, retracted, pending }: Pick<BackupInstanceEnd, "meta" | "counts" | "retracted" | "pending">,
    { replace }: { readonly replace: boolean },
  ): Promise<void> {
    await this.#flush();
    await this.#checkLists();
    const { redis, keys } = this.#deps;
    const fields = meta.map((text) => Buffer.from(text, "base64"));
    const numbers = [counts, retracted, pending].map((text) => Buffer.from(text, "base64"));
    // The eraser deletes what is replaced, if there is anything. Marked before and after, as in RedisInstanceEraser.forget.
    await redis.sadd(keys.forgotten, this.#id).catch(storeError);
    const outcome = await this.#show(fields, numbers, replace);
    await redis.sadd(keys.forgotten, this.#id).catch(storeError);
    if (outcome === "has_data")
      throw new BackupError(
        `Instance ${this.#id} was counted during the import: stop ingest and workers, or use --replace.`,
      );
    if (outcome === "other_import")
      throw new BackupError(
        `Instance ${this.#id} was written by another import at the same time: run one import at a time.`,
      );
  }

  /** Make the written data the instance's data, at once for every reader. @returns that it is done, or why not */
  async #show(fields: readonly Buffer[], numbers: readonly Buffer[], replace: boolean) {
    const root = this.#root;
    const { META, COUNTS, RETRACTED, PENDING, IMPORTING } = INSTANCE_KEYS;
    const epoch = Buffer.concat([this.#hashKey, Buffer.from(this.#epoch)]);
    const asked = epochAsked(root);
    const reads: KeyCommand[] = [...asked, ["HMGET", root + META, "summary", ...SETTING_FIELDS]];
    return changeKeys<"done" | "has_data" | "other_import">(this.#deps.redis, root, reads, (answers) => {
      if (valueAnswer.parse(answers[0])?.equals(this.#entry) !== true) return { commands: [], outcome: "other_import" };
      const hasData = fieldsAnswer.parse(answers[asked.length]).some((field) => field !== undefined);
      // Something was stored first under the number that was free when the import began: what was imported would be erased with it.
      const [present] = fieldsAnswer.parse(answers[1]);
      const isTaken = present?.toString("latin1", HASH_KEY_BYTES) === this.#epoch;
      if (isTaken || (!replace && hasData)) return { commands: [], outcome: "has_data" };
      const [before, strings] = [
        [false, ...answers.slice(1)],
        [COUNTS, RETRACTED, PENDING],
      ];
      const commands: KeyCommand[] = [
        ["DEL", root + IMPORTING],
        ...commandsToForget(root, before, ""),
        ["HSET", root + META, "epoch", epoch, "head", LAYOUT, ...fields],
        ...strings.flatMap((name, i): KeyCommand[] => {
          const value = numbers[i] ?? NOTHING;
          return value.length === 0 ? [] : [["SET", root + name, value]];
        }),
      ];
      return { commands, outcome: "done" };
    });
  }

  async #begin(epoch: BackupEpoch, besides: readonly number[]): Promise<void> {
    const { redis } = this.#deps;
    const [unfinished, forgotten, known] = await Promise.all([
      redis.getBuffer(this.#root + INSTANCE_KEYS.IMPORTING),
      redis.lrangeBuffer(this.#root + INSTANCE_KEYS.FORGOTTEN, 0, -1),
      redis.hget(this.#root + INSTANCE_KEYS.META, "epoch"),
    ]).catch(storeError);
    const entries = [...forgotten, ...(unfinished === null ? [] : [unfinished])].flatMap(
      (entry) => epochOf(entry) ?? [],
    );
    const used = [...besides, ...entries.map(({ epoch: of }) => numberOf(of))];
    if (known !== null) used.push(numberOf(known.slice(-NUMBER_LENGTH_MAX)));
    this.#epoch = used.length === 0 ? "" : `${String(Math.max(...used) + 1)}:`;
    for (const entry of unfinished === null ? [] : [epochOf(unfinished)])
      if (entry !== undefined) await this.#delete(entry);
    this.#entry = packEpoch({
      epoch: this.#epoch,
      periods: Buffer.from(epoch.periods, "base64"),
      summary: Buffer.from(epoch.summary, "base64"),
    });
    await redis.set(this.#root + INSTANCE_KEYS.IMPORTING, this.#entry).catch(storeError);
  }

  async #delete(written: InstanceEpoch): Promise<void> {
    let some: string[] = [];
    for (const key of keysOfEpoch(written)) {
      if (some.push(this.#root + written.epoch + key) < KEYS_A_CALL) continue;
      await this.#deps.redis.unlink(...some).catch(storeError);
      some = [];
    }
    if (some.length > 0) await this.#deps.redis.unlink(...some).catch(storeError);
  }

  async #flush(): Promise<void> {
    const pipeline = this.#deps.redis.pipeline();
    for (const command of this.#commands) pipeline.call(...command);
    this.#commands = [];
    const replies = await pipeline.exec().catch(storeError);
    for (const [error] of replies ?? []) if (error) storeError(error);
  }

  /** When a connection breaks, a command may run twice. All commands but appending to a list may be repeated. */
  async #checkLists(): Promise<void> {
    for (const [key, length] of this.#listLengths) {
      if ((await this.#deps.redis.llen(key).catch(storeError)) !== length)
        throw new BackupError(
          `The connection to Redis broke while instance ${this.#id} was being written: import again.`,
        );
    }
  }
}

const NOTHING = Buffer.alloc(0);
const COMMAND_OF = { hash: "HSET", list: "RPUSH", string: "SET", zset: "ZADD" } as const satisfies Record<
  BackupKey["kind"],
  string
>;
const NUMBER_LENGTH_MAX = 12;

/** ZADD takes the score first. */
function swapped(pairs: readonly Buffer[]): Buffer[] {
  return pairs.map((_, i) => pairs[i % 2 === 0 ? i + 1 : i - 1] ?? NOTHING);
}

/** @returns `undefined` for an entry of an older layout */
function epochOf(entry: Buffer): InstanceEpoch | undefined {
  try {
    return unpackEpoch(entry);
  } catch {
    return undefined;
  }
}

/** The number at the end of a text, before a colon. */
function numberOf(epoch: string): number {
  return Number(/(?<!\d)(\d+):$/.exec(epoch)?.[1] ?? 0);
}
