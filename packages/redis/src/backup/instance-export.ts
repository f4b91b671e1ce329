import type { InstanceId } from "@ticktally/core";
import type { BackupEpoch, BackupKey, BackupLine } from "@ticktally/schemas";
import { HASH_KEY_BYTES } from "../instances/instance-basis.ts";
import type { RedisClient } from "../connection/connection.ts";
import { keysOfEpoch } from "../instances/instance-epoch.ts";
import { readRoot } from "../instances/instance-root.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { isMessage } from "../records/record-codec.ts";
import { BackupError } from "./backup-error.ts";
import { KeyReader } from "./key-reader.ts";

export interface InstanceExportDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** Changes whenever a worker has applied something. */
  readonly progress: () => Promise<string>;
  /** Unix ms */
  readonly now: () => number;
}

/** Number of keys, of up to 40 messages each, that are read together. Redis is blocked for about 20 ms. */
const KEYS_AT_ONCE = 1_000;
const TRIES = 20;

interface Root {
  /** Without the fields that only have a meaning in this Redis. */
  readonly meta: readonly Buffer[];
  readonly counts: Buffer;
  readonly retracted: Buffer;
  readonly pending: Buffer;
  /** The prefix of the epoch's keys. */
  readonly prefix: string;
  /** `undefined` before the first message. */
  readonly epoch: BackupEpoch | undefined;
}

/** Reads everything under one instance's keys, with records and roll-ups of one moment. */
export class InstanceExport {
  readonly #deps: InstanceExportDeps;
  readonly #reader: KeyReader;

  constructor(deps: InstanceExportDeps) {
    this.#deps = deps;
    this.#reader = new KeyReader({ redis: deps.redis, now: deps.now, large: LARGE });
  }

  /**
   * @returns the head of the instance, and the lines that follow: its keys, then its end
   * @throws {BackupError} while the lines are read, if the instance changed meanwhile
   */
  async read(instance: InstanceId): Promise<{ epoch: BackupEpoch | undefined; lines: AsyncIterable<BackupLine> }> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const root = await this.#root(instance);
      const names = upTo(namesOf(root), KEYS_AT_ONCE);
      if (names === undefined) return { epoch: root.epoch, lines: this.#stream(instance, root) };
      const lines = await this.#reader.atOnce(root.prefix, names);
      if (isSame(root, await this.#root(instance)))
        return { epoch: root.epoch, lines: withEnd(instance, root, inOrder(lines)) };
    }
    throw changed(instance);
  }

  /** Large keys are read piece by piece, and must not change meanwhile. */
  async *#stream(instance: InstanceId, root: Root): AsyncIterable<BackupLine> {
    const { progress } = this.#deps;
    const before = await progress();
    if (!isSame(root, await this.#root(instance))) throw changed(instance);
    yield* withEnd(instance, root, this.#reader.read(root.prefix, namesOf(root)));
    if (!isSame(root, await this.#root(instance)) || before !== (await progress())) throw changed(instance);
  }

  async #root(instance: InstanceId): Promise<Root> {
    const { redis, keys } = this.#deps;
    const { meta: all, counts, retracted, pending } = await readRoot(redis, keys.instance(instance));
    const fields = new Map<string, Buffer>();
    const meta: Buffer[] = [];
    for (let i = 0; i + 1 < all.length; i += 2) {
      const [field = NOTHING, value = NOTHING] = [all[i], all[i + 1]];
      fields.set(field.toString(), value);
      if (!OF_THIS_REDIS.has(field.toString())) meta.push(field, value);
    }
    const [own, periods, summary] = ["epoch", "periods", "summary"].map((field) => fields.get(field));
    const epoch =
      own === undefined || summary === undefined
        ? undefined
        : {
            hashKey: own.subarray(0, HASH_KEY_BYTES).toString("base64"),
            periods: (periods ?? NOTHING).toString("base64"),
            summary: summary.toString("base64"),
          };
    const prefix = keys.instance(instance) + (own?.toString("latin1", HASH_KEY_BYTES) ?? "");
    return { meta, counts, retracted, pending, prefix, epoch };
  }
}

const NOTHING = Buffer.alloc(0);
/** `head` stops older versions. */
const OF_THIS_REDIS: ReadonlySet<string> = new Set(["epoch", "head"]);
const LARGE = new RegExp(`^(${INSTANCE_KEYS.EXTRAS}|${INSTANCE_KEYS.ARRIVALS})`);

function namesOf({ epoch }: Root): Iterable<string> {
  if (epoch === undefined) return [];
  return keysOfEpoch({
    periods: Buffer.from(epoch.periods, "base64"),
    summary: Buffer.from(epoch.summary, "base64"),
  });
}

async function* withEnd(
  instance: InstanceId,
  { meta, counts, retracted, pending }: Root,
  lines: AsyncIterable<BackupKey>,
): AsyncIterable<BackupLine> {
  let [keys, messages, last] = [0, 0, ""];
  for await (const line of lines) {
    if (line.key !== last) keys += 1;
    last = line.key;
    if (line.key.startsWith(INSTANCE_KEYS.MESSAGES)) messages += messagesIn(line.values);
    yield line;
  }
  yield {
    kind: "end",
    id: instance,
    keys,
    messages,
    meta: meta.map((bytes) => bytes.toString("base64")),
    counts: counts.toString("base64"),
    retracted: retracted.toString("base64"),
    pending: pending.toString("base64"),
  };
}

/** @param values field and value in turn, base64 */
function messagesIn(values: readonly string[]): number {
  let messages = 0;
  // Eight characters are six bytes: enough to recognise values that are not records.
  for (let i = 1; i < values.length; i += 2)
    if (isMessage(Buffer.from(values[i]?.slice(0, 8) ?? "", "base64"))) messages += 1;
  return messages;
}

async function* inOrder(lines: readonly BackupKey[]): AsyncIterable<BackupKey> {
  yield* await Promise.resolve(lines);
}

function isSame(a: Root, b: Root): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** @returns `undefined` if there are more than that */
function upTo(names: Iterable<string>, max: number): readonly string[] | undefined {
  const taken: string[] = [];
  for (const name of names) if (taken.push(name) > max) return undefined;
  return taken;
}

function changed(instance: InstanceId): BackupError {
  return new BackupError(
    `Instance ${instance} changed during the export: stop the workers, change no instances, and export again.`,
  );
}
