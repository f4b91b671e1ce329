import { createHash } from "node:crypto";
import { encode } from "@msgpack/msgpack";
import type { InstanceEraser, InstanceId } from "@ticktally/core";
import { fieldsAnswer, valueAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { HASH_KEY_BYTES, newHashKey } from "./instance-basis.ts";
import { keysOfEpoch, LAYOUT, packEpoch, unpackEpoch } from "./instance-epoch.ts";
import { changeKeys, inEpoch, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { storeError } from "../connection/store-error.ts";

const KEYS_A_CALL = 500;
const { META, COUNTS, RETRACTED, PENDING, OUTBOX, FORGOTTEN, IMPORTING, LABELS } = INSTANCE_KEYS;
const NOTHING = Buffer.alloc(0);

/** Forgets instances at once, and deletes their data piece by piece. */
export class RedisInstanceEraser implements InstanceEraser {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  async forget(instance: InstanceId): Promise<void> {
    const root = this.#keys.instance(instance);
    // Before, so a crash in between leaves nothing behind; and after, in case erase() has just found nothing to do.
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
   * When all forgotten data are deleted and nothing new was recorded, the last key is deleted 20 seconds later. Until then it stops a
   * process that was suspended from storing what it had decided before.
   */
  async #end(root: string): Promise<void> {
    const reads: KeyCommand[] = [
      ["EXISTS", root + FORGOTTEN],
      ["HKEYS", root + META],
      ["EXISTS", inEpoch(LABELS)],
    ];
    await changeKeys(this.#redis, root, reads, ([isLeft, answer, hasLabels]) => {
      const fields = valuesAnswer.parse(answer).map(String);
      const isEmpty = fields.length === OF_EPOCH.size && fields.every((field) => OF_EPOCH.has(field));
      return {
        commands: isLeft === 0 && hasLabels === 0 && isEmpty ? [["EXPIRE", root + META, 20]] : [],
        outcome: undefined,
      };
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

/** The reads that {@link commandsToForget} needs. */
export function epochAsked(root: string): readonly KeyCommand[] {
  return [
    ["GET", root + IMPORTING],
    ["HMGET", root + META, "epoch", "periods", "summary"],
  ];
}

/**
 * End an instance's epoch, at once for every reader and writer. Large keys stay under the old epoch's number and are deleted later piece by
 * piece; FORGOTTEN lists them. New data go under the next epoch.
 * @param answers to {@link epochAsked}
 */
export function commandsToForget(
  root: string,
  [unfinished, meta]: readonly PackedAnswer[],
  hashKey: string,
): readonly KeyCommand[] {
  // An interrupted import has left its data under an epoch of its own.
  const entry = valueAnswer.parse(unfinished);
  const [known, periods = NOTHING, summary = NOTHING] = fieldsAnswer.parse(meta);
  const epoch = known?.toString("latin1", HASH_KEY_BYTES) ?? "";
  const commands: KeyCommand[] = [];
  if (entry !== undefined) commands.push(["RPUSH", root + FORGOTTEN, entry], ["DEL", root + IMPORTING]);
  // Labels may be there before the first message, and its summary.
  if (known !== undefined || summary.length > 0)
    commands.push(["RPUSH", root + FORGOTTEN, packEpoch({ epoch, periods, summary })]);
  const next = `${hashKey}${String(Number.parseInt(epoch, 10) + 1 || 1)}:`;
  return [
    ...commands,
    ["DEL", root + META, root + COUNTS, root + RETRACTED, root + PENDING, root + OUTBOX],
    // Even if there is no data: what another process is about to store must be refused.
    ["HSET", root + META, "epoch", Buffer.from(next, "latin1"), "head", LAYOUT],
  ];
}

/** A mark that distinguishes the present data from all earlier data; "" for none, or for an import that is not visible yet. */
function markOf(isShown: boolean, [meta, ...strings]: readonly PackedAnswer[]): string {
  const fields = valuesAnswer.parse(meta);
  const isEmpty = fields.length === 2 * OF_EPOCH.size && fields.some((field) => field.toString() === "epoch");
  if (!isShown || fields.length === 0 || isEmpty) return "";
  const bytes = [...fields, ...strings.map((string) => valueAnswer.parse(string) ?? NOTHING)];
  return createHash("sha1").update(encode(bytes)).digest("hex");
}

/** @param entry of FORGOTTEN */
function* keysOf(root: string, entry: Buffer): Iterable<string> {
  const forgotten = unpackEpoch(entry);
  for (const key of keysOfEpoch(forgotten)) yield root + forgotten.epoch + key;
}
