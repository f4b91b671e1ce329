import type { InstanceId } from "@ticktally/core";
import { instanceRootReply, readKeysReply, type BackupKey, type BackupLine } from "@ticktally/schemas";
import type { RedisClient } from "../connection.ts";
import { instanceLife } from "../instance-head.ts";
import { keysOfLife, type InstanceLife } from "../instance-life.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { storeError } from "../store-error.ts";
import { BackupError } from "./backup-error.ts";

export interface InstanceExportDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly generationMs: number;
  /** Changes whenever a worker has applied something. */
  readonly progress: () => Promise<string>;
  /** Unix ms */
  readonly now: () => number;
}

/** So many keys, of up to 40 messages each, are read in one go: Redis does nothing else meanwhile, for some 20 ms. */
const KEYS_AT_ONCE = 1_000;
const KEYS_A_CALL = 200;
const ELEMENTS_A_LINE = 1_000;
const TRIES = 20;

interface Root {
  readonly meta: readonly Buffer[];
  readonly counts: Buffer;
  readonly life: InstanceLife | undefined;
}

/** Reads all that is kept under one instance's keys, so that records and roll-ups are those of one moment. */
export class InstanceExport {
  readonly #deps: InstanceExportDeps;

  constructor(deps: InstanceExportDeps) {
    this.#deps = deps;
  }

  /**
   * @returns what tells its keys, and the lines that follow: its keys, then its end
   * @throws {BackupError} while the lines are read: it changed meanwhile
   */
  async read(instance: InstanceId): Promise<{ life: InstanceLife | undefined; lines: AsyncIterable<BackupLine> }> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const root = await this.#root(instance);
      const names = root.life === undefined ? [] : upTo(keysOfLife(root.life, this.#deps.generationMs), KEYS_AT_ONCE);
      if (names === undefined) return { life: root.life, lines: this.#stream(instance, root) };
      const lines = await this.#keysAt(instance, root, names);
      if (isSame(root, await this.#root(instance)))
        return { life: root.life, lines: withEnd(instance, root, inOrder(lines)) };
    }
    throw changed(instance);
  }

  /** What is large is read piece by piece, and must not change meanwhile. */
  async *#stream(instance: InstanceId, root: Root): AsyncIterable<BackupLine> {
    const { generationMs, progress } = this.#deps;
    const before = await progress();
    if (!isSame(root, await this.#root(instance))) throw changed(instance);
    yield* withEnd(instance, root, this.#pieces(instance, root, keysOfLife(root.life ?? NO_LIFE, generationMs)));
    if (!isSame(root, await this.#root(instance)) || before !== (await progress())) throw changed(instance);
  }

  async *#pieces(instance: InstanceId, root: Root, names: Iterable<string>): AsyncIterable<BackupKey> {
    let some: string[] = [];
    for (const name of names) {
      if (LARGE.test(name)) {
        yield* this.#large(this.#prefix(instance, root), name);
        continue;
      }
      some.push(name);
      if (some.length < KEYS_A_CALL) continue;
      yield* await this.#keysAt(instance, root, some);
      some = [];
    }
    yield* await this.#keysAt(instance, root, some);
  }

  async #keysAt(instance: InstanceId, root: Root, names: readonly string[]): Promise<readonly BackupKey[]> {
    if (names.length === 0) return [];
    const { redis, now } = this.#deps;
    const reply = await redis.readKeysBuffer(this.#prefix(instance, root), ...names).catch(storeError);
    const held = readKeysReply.parse(reply);
    return names.flatMap((name, i) => {
      const [ttlMs = -1, values = []] = held[i] ?? [];
      return values.length === 0 ? [] : linesOf(name, ttlMs < 0 ? undefined : now() + ttlMs, values);
    });
  }

  async *#large(prefix: string, name: string): AsyncIterable<BackupKey> {
    const { redis, now } = this.#deps;
    const key = prefix + name;
    const ttlMs = await redis.pttl(key).catch(storeError);
    if (ttlMs === NO_KEY) return;
    const expiresAtMs = ttlMs < 0 ? undefined : now() + ttlMs;
    if (kindOf(name) === "list") {
      for (let from = 0; ; from += ELEMENTS_A_LINE) {
        const values = await redis.lrangeBuffer(key, from, from + ELEMENTS_A_LINE - 1).catch(storeError);
        if (values.length > 0) yield* linesOf(name, expiresAtMs, values);
        if (values.length < ELEMENTS_A_LINE) return;
      }
    }
    let cursor = "0";
    do {
      const [next, values] = await redis.hscanBuffer(key, cursor, "COUNT", ELEMENTS_A_LINE / 2).catch(storeError);
      if (values.length > 0) yield* linesOf(name, expiresAtMs, values);
      cursor = next.toString();
    } while (cursor !== "0");
  }

  async #root(instance: InstanceId): Promise<Root> {
    const { redis, keys } = this.#deps;
    const reply = await redis.readRootBuffer(keys.instance(instance)).catch(storeError);
    const [all, counts] = instanceRootReply.parse(reply);
    const fields = new Map<string, Buffer>();
    const meta: Buffer[] = [];
    for (let i = 0; i + 1 < all.length; i += 2) {
      const [field = NOTHING, value = NOTHING] = [all[i], all[i + 1]];
      fields.set(field.toString(), value);
      // Which life it is has a meaning only in this Redis.
      if (field.toString() !== "life") meta.push(field, value);
    }
    return { meta, counts, life: instanceLife(fields.get("head"), fields.get("life")?.toString()) };
  }

  #prefix(instance: InstanceId, { life }: Root): string {
    return this.#deps.keys.instance(instance) + (life?.life ?? "");
  }
}

const NOTHING = Buffer.alloc(0);
const NO_LIFE: InstanceLife = { life: "", generation: 0, buckets: [0, 0, 0], first: 0 };
/** What PTTL tells of a key that is not there. */
const NO_KEY = -2;
/** One key of these may hold as much as an instance has messages. */
const LARGE = new RegExp(`^(${INSTANCE_KEYS.DESCRIPTIONS}|${INSTANCE_KEYS.RECIPIENTS}|${INSTANCE_KEYS.HEARD})`);

function kindOf(name: string): BackupKey["kind"] {
  if (name === INSTANCE_KEYS.FAILED || name.startsWith(INSTANCE_KEYS.HEARD)) return "list";
  return name.endsWith("~") ? "string" : "hash";
}

function linesOf(key: string, expiresAtMs: number | undefined, values: readonly Buffer[]): BackupKey[] {
  const lines: BackupKey[] = [];
  for (let from = 0; from < values.length; from += ELEMENTS_A_LINE) {
    const some = values.slice(from, from + ELEMENTS_A_LINE).map((value) => value.toString("base64"));
    lines.push({ kind: kindOf(key), key, ...(expiresAtMs === undefined ? {} : { expiresAtMs }), values: some });
  }
  return lines;
}

async function* withEnd(
  instance: InstanceId,
  { meta, counts }: Root,
  lines: AsyncIterable<BackupKey>,
): AsyncIterable<BackupLine> {
  let [keys, messages, last] = [0, 0, ""];
  for await (const line of lines) {
    if (line.key !== last) keys += 1;
    last = line.key;
    if (line.key.startsWith(INSTANCE_KEYS.MESSAGES)) messages += line.values.length / 2;
    yield line;
  }
  const base64 = meta.map((bytes) => bytes.toString("base64"));
  yield { kind: "end", id: instance, keys, messages, meta: base64, counts: counts.toString("base64") };
}

async function* inOrder(lines: readonly BackupKey[]): AsyncIterable<BackupKey> {
  yield* await Promise.resolve(lines);
}

function isSame(a: Root, b: Root): boolean {
  const isLife = JSON.stringify(a.life) === JSON.stringify(b.life);
  return isLife && a.counts.equals(b.counts) && Buffer.concat([...a.meta]).equals(Buffer.concat([...b.meta]));
}

/** @returns `undefined` if there are more */
function upTo(names: Iterable<string>, max: number): readonly string[] | undefined {
  const taken: string[] = [];
  for (const name of names) if (taken.push(name) > max) return undefined;
  return taken;
}

function changed(instance: InstanceId): BackupError {
  return new BackupError(
    `Instance ${instance} changed while it was read: stop the workers (and let nobody change instances), then export again.`,
  );
}
