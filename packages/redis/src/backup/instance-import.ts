import type { InstanceId } from "@ticktally/core";
import { commitImportReply, type BackupInstance, type BackupInstanceEnd, type BackupKey } from "@ticktally/schemas";
import type { RedisClient } from "../connection.ts";
import { keysOfLife, lifeOf, lifeText } from "../instance-life.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { storeError } from "../store-error.ts";
import { BackupError } from "./backup-error.ts";

export interface InstanceImportDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly generationMs: number;
  /** Unix ms */
  readonly now: () => number;
}

const COMMANDS_AT_ONCE = 200;
const KEYS_A_CALL = 500;

/**
 * Writes one instance under a life of its own, which nobody reads, and at the end makes it the one that is read, in one
 * step. Broken off before that, it leaves the instance as it was; the next import deletes what was written.
 */
export class InstanceImport {
  readonly #deps: InstanceImportDeps;
  readonly #root: string;
  readonly #id: InstanceId;
  readonly #listLengths = new Map<string, number>();
  #entry = "";
  #life = "";
  #commands: [string, ...(string | Buffer | number)[]][] = [];

  private constructor(deps: InstanceImportDeps, id: InstanceId) {
    this.#deps = deps;
    this.#id = id;
    this.#root = deps.keys.instance(id);
  }

  static async begin(deps: InstanceImportDeps, { id, life }: BackupInstance): Promise<InstanceImport> {
    const begun = new InstanceImport(deps, id);
    await begun.#begin(life);
    return begun;
  }

  async write({ kind, key, expiresAtMs, values }: BackupKey): Promise<void> {
    if (values.length === 0 || (expiresAtMs ?? Infinity) <= this.#deps.now()) return;
    const name = this.#root + this.#life + key;
    const bytes = values.map((value) => Buffer.from(value, "base64"));
    if (kind === "list") this.#listLengths.set(name, (this.#listLengths.get(name) ?? 0) + bytes.length);
    this.#commands.push([COMMAND_OF[kind], name, ...bytes]);
    if (expiresAtMs !== undefined) this.#commands.push(["PEXPIREAT", name, Math.round(expiresAtMs)]);
    if (this.#commands.length >= COMMANDS_AT_ONCE) await this.#flush();
  }

  /** @throws {BackupError} it is not what was exported, or something else was written meanwhile */
  async commit({ meta, counts }: BackupInstanceEnd, { replace }: { readonly replace: boolean }): Promise<void> {
    await this.#flush();
    await this.#checkLists();
    const { redis, keys } = this.#deps;
    const fields = meta.map((text) => Buffer.from(text, "base64"));
    const args = [this.#entry, this.#life, replace ? "1" : "0", Buffer.from(counts, "base64"), ...fields];
    // What is replaced is for the eraser; before and after, as in Eraser.forget.
    if (replace) await redis.sadd(keys.forgotten, this.#id).catch(storeError);
    const outcome = commitImportReply.parse(await redis.commitImport(this.#root, ...args).catch(storeError));
    if (replace) await redis.sadd(keys.forgotten, this.#id).catch(storeError);
    if (outcome === "has_data")
      throw new BackupError(
        `Instance ${this.#id} has counts here meanwhile: stop ingest and workers, or use --replace.`,
      );
    if (outcome === "other_import")
      throw new BackupError(`Instance ${this.#id} was written by another import at the same time: run one alone.`);
  }

  async #begin(life: BackupInstance["life"]): Promise<void> {
    const { redis, generationMs } = this.#deps;
    const [unfinished, forgotten, known, fields] = await Promise.all([
      redis.get(this.#root + INSTANCE_KEYS.IMPORTING),
      redis.lrange(this.#root + INSTANCE_KEYS.FORGOTTEN, 0, -1),
      redis.hget(this.#root + INSTANCE_KEYS.META, "life"),
      redis.hlen(this.#root + INSTANCE_KEYS.META),
    ]).catch(storeError);
    const entries = [...forgotten, ...(unfinished === null ? [] : [unfinished])];
    const used = [...entries.map((entry) => lifeOf(entry).life), ...(fields > 0 ? [known ?? ""] : [])];
    this.#life = used.length === 0 ? "" : `${String(Math.max(...used.map(numberOf)) + 1)}:`;
    if (unfinished !== null) await this.#delete(unfinished, generationMs);
    this.#entry = lifeText({ life: this.#life, ...(life ?? { generation: 0, buckets: [0, 0, 0], first: NO_TIME }) });
    await redis.set(this.#root + INSTANCE_KEYS.IMPORTING, this.#entry).catch(storeError);
  }

  async #delete(entry: string, generationMs: number): Promise<void> {
    const { life, ...rest } = lifeOf(entry);
    let some: string[] = [];
    for (const key of keysOfLife(rest, generationMs)) {
      if (some.push(this.#root + life + key) < KEYS_A_CALL) continue;
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

  /** A connection that broke may have had a command done twice; all but adding to a list may be repeated. */
  async #checkLists(): Promise<void> {
    for (const [key, length] of this.#listLengths) {
      if ((await this.#deps.redis.llen(key).catch(storeError)) !== length)
        throw new BackupError(`The connection to Redis broke while instance ${this.#id} was written: import again.`);
    }
  }
}

const COMMAND_OF = { hash: "HSET", list: "RPUSH", string: "SET" } as const satisfies Record<BackupKey["kind"], string>;
/** As `lua/instance-head.lua` has it before the first event. */
const NO_TIME = 0xffffffff;

function numberOf(life: string): number {
  return Number.parseInt(life, 10) || 0;
}
