import { createHash } from "node:crypto";
import { encode } from "@msgpack/msgpack";
import type { InstanceEraser, InstanceId } from "@ticktally/core";
import { fieldsAnswer, valueAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { HASH_KEY_BYTES, newHashKey } from "../commit/instance-basis.ts";
import { keysOfEpoch, LAYOUT, packEpoch, unpackEpoch } from "./instance-epoch.ts";
import { changeKeys, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

const KEYS_A_CALL = 500;
const { META, COUNTS, RETRACTED, PENDING, OUTBOX, FORGOTTEN, IMPORTING } = INSTANCE_KEYS;

/** Forgets instances at once and deletes what they left piece by piece. */
export class RedisInstanceEraser implements InstanceEraser {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async forget(instance: InstanceId): Promise<void> {
    const root = this.#keys.instance(instance);
    // Before, so that a crash in between leaves nothing behind; after, in case erase() has just found nothing to do.
    await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
    await changeKeys(this.#redis, root, epochAsked(root), (answers) => ({
      commands: commandsToForget(root, answers, newHashKey()),
      outcome: undefined,
    }));
    await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
  }

  async forgetUnchanged(instance: InstanceId, mark: string): Promise<string> {
    const root = this.#keys.instance(instance);
    const asked = epochAsked(root);
    const reads: KeyCommand[] = [...asked, ["HGETALL", root + META], ["GET", root + COUNTS], ["GET", root + PENDING]];
    // As in forget().
    if (mark !== "") await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
    const left = await changeKeys(this.#redis, root, reads, (answers) => {
      const found = markOf(answers[0] === false, answers.slice(asked.length));
      return found === "" || found !== mark
        ? { commands: [], outcome: found }
        : { commands: commandsToForget(root, answers, newHashKey()), outcome: "" };
    });
    if (mark !== "") await this.#redis.sadd(this.#keys.forgotten, instance).catch(storeError);
    return left;
  }

  async erase(): Promise<number> {
    const instances = await this.#redis.smembers(this.#keys.forgotten).catch(storeError);
    let deleted = 0;
    for (const instance of instances) {
      const root = this.#keys.instance(instance);
      const entries = await this.#redis.lrangeBuffer(root + FORGOTTEN, 0, -1).catch(storeError);
      for (const entry of entries) {
        deleted += await this.#delete(keysOf(root, entry));
        await this.#redis.lrem(root + FORGOTTEN, 1, entry).catch(storeError);
      }
      await this.#end(root);
      await this.#redis.srem(this.#keys.forgotten, instance).catch(storeError);
    }
    return deleted;
  }

  /**
   * When nothing forgotten is left and nothing new was recorded, the last key goes 20 seconds later: until then it keeps a process that
   * was stopped meanwhile from storing what it had decided on before.
   */
  async #end(root: string): Promise<void> {
    const reads: KeyCommand[] = [
      ["EXISTS", root + FORGOTTEN],
      ["HKEYS", root + META],
    ];
    await changeKeys(this.#redis, root, reads, ([isLeft, answer]) => {
      const fields = valuesAnswer.parse(answer).map(String);
      const isEmpty = fields.length === OF_EPOCH.size && fields.every((field) => OF_EPOCH.has(field));
      return { commands: isLeft === 0 && isEmpty ? [["EXPIRE", root + META, 20]] : [], outcome: undefined };
    });
  }

  async #delete(keys: Iterable<string>): Promise<number> {
    let [deleted, some] = [0, [] as string[]];
    const flush = async () => {
      if (some.length > 0) deleted += await this.#redis.unlink(...some).catch(storeError);
      some = [];
    };
    for (const key of keys) if (some.push(key) === KEYS_A_CALL) await flush();
    await flush();
    return deleted;
  }
}

/** Fields of META that an instance without data has. */
const OF_EPOCH: ReadonlySet<string> = new Set(["epoch", "head"]);

/** What {@link commandsToForget} goes by. */
export function epochAsked(root: string): readonly KeyCommand[] {
  return [
    ["GET", root + IMPORTING],
    ["HMGET", root + META, "epoch", "periods", "summary"],
  ];
}

/**
 * End an instance's epoch, at once for every reader and writer. What is large stays under it, a number in its keys, and is deleted
 * afterwards piece by piece; FORGOTTEN tells which keys these are. What comes from now on goes under the next one.
 * @param answers to {@link epochAsked}
 */
export function commandsToForget(
  root: string,
  [unfinished, meta]: readonly PackedAnswer[],
  hashKey: string,
): readonly KeyCommand[] {
  // What an import had written before it was interrupted has an epoch of its own.
  const entry = valueAnswer.parse(unfinished);
  const [known, periods, summary] = fieldsAnswer.parse(meta);
  const epoch = known?.toString("latin1", HASH_KEY_BYTES) ?? "";
  const commands: KeyCommand[] = [];
  if (entry !== undefined) commands.push(["RPUSH", root + FORGOTTEN, entry], ["DEL", root + IMPORTING]);
  if (summary !== undefined)
    commands.push(["RPUSH", root + FORGOTTEN, packEpoch({ epoch, periods: periods ?? Buffer.alloc(0), summary })]);
  const next = `${hashKey}${String(Number.parseInt(epoch, 10) + 1 || 1)}:`;
  return [
    ...commands,
    ["DEL", root + META, root + COUNTS, root + RETRACTED, root + PENDING, root + OUTBOX],
    // Also where there is nothing: what another process is about to store must not be.
    ["HSET", root + META, "epoch", Buffer.from(next, "latin1"), "head", LAYOUT],
  ];
}

/** Tells what is there from all that was there before; "" for nothing, or for what an import does not show yet. */
function markOf(isShown: boolean, [meta, ...strings]: readonly PackedAnswer[]): string {
  const fields = valuesAnswer.parse(meta);
  const isEmpty = fields.length === 2 * OF_EPOCH.size && fields.some((field) => field.toString() === "epoch");
  if (!isShown || fields.length === 0 || isEmpty) return "";
  const bytes = [...fields, ...strings.map((string) => valueAnswer.parse(string) ?? Buffer.alloc(0))];
  return createHash("sha1").update(encode(bytes)).digest("hex");
}

/** @param entry of FORGOTTEN */
function* keysOf(root: string, entry: Buffer): Iterable<string> {
  const forgotten = unpackEpoch(entry);
  for (const key of keysOfEpoch(forgotten)) yield root + forgotten.epoch + key;
}
