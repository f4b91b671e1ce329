import {
  backupKey,
  countAnswer,
  textAnswer,
  valueAnswer,
  valuesAnswer,
  type BackupKey,
  type PackedAnswer,
} from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { storeError } from "../connection/store-error.ts";

export interface KeyReaderOptions {
  readonly redis: RedisClient;
  /** Unix ms */
  readonly now: () => number;
  /** Keys that grow with an instance's messages: they are read piece by piece. */
  readonly large: RegExp;
}

const KEYS_A_CALL = 200;
const ELEMENTS_A_LINE = 1_000;
/** What PTTL answers for a missing key. */
const NO_KEY = -2;

/** Reads the contents of keys as lines of an export. */
export class KeyReader {
  readonly #options: KeyReaderOptions;

  constructor(options: KeyReaderOptions) {
    this.#options = options;
  }

  /** Piece by piece, so the keys must not change meanwhile. @param names the parts after the prefix */
  async *read(prefix: string, names: Iterable<string>): AsyncIterable<BackupKey> {
    let some: string[] = [];
    for (const name of names) {
      if (this.#options.large.test(name)) {
        yield* await this.atOnce(prefix, some);
        some = [];
        yield* this.#inPieces(prefix, name);
      } else if (some.push(name) === KEYS_A_CALL) {
        yield* await this.atOnce(prefix, some);
        some = [];
      }
    }
    yield* await this.atOnce(prefix, some);
  }

  /** The contents of some keys at one moment. */
  async atOnce(prefix: string, names: readonly string[]): Promise<readonly BackupKey[]> {
    if (names.length === 0) return [];
    const { redis, now } = this.#options;
    const types = await readKeys(
      redis,
      prefix,
      names.map((name): KeyCommand => ["TYPE", prefix + name]),
    );
    const there = names.flatMap((name, i) => {
      const kind = KINDS.safeParse(textAnswer.parse(types[i]));
      return kind.success ? [{ name, kind: kind.data }] : [];
    });
    const answers = await readKeys(
      redis,
      prefix,
      there.flatMap(({ name, kind }): KeyCommand[] => [["PTTL", prefix + name], contentOf(kind, prefix + name)]),
    );
    return there.flatMap(({ name, kind }, i) => {
      const ttlMs = countAnswer.parse(answers[2 * i]);
      return linesOf(kind, name, ttlMs < 0 ? undefined : now() + ttlMs, valuesOf(kind, answers[2 * i + 1]));
    });
  }

  async *#inPieces(prefix: string, name: string): AsyncIterable<BackupKey> {
    const { redis, now } = this.#options;
    const key = prefix + name;
    const [kind, ttlMs] = await Promise.all([redis.type(key), redis.pttl(key)]).catch(storeError);
    if (ttlMs === NO_KEY) return;
    const expiresAtMs = ttlMs < 0 ? undefined : now() + ttlMs;
    if (kind === "list") {
      for (let from = 0; ; from += ELEMENTS_A_LINE) {
        const values = await redis.lrangeBuffer(key, from, from + ELEMENTS_A_LINE - 1).catch(storeError);
        yield* linesOf("list", name, expiresAtMs, values);
        if (values.length < ELEMENTS_A_LINE) return;
      }
    }
    let cursor = "0";
    do {
      const [next, values] = await redis.hscanBuffer(key, cursor, "COUNT", ELEMENTS_A_LINE / 2).catch(storeError);
      yield* linesOf("hash", name, expiresAtMs, values);
      cursor = next.toString();
    } while (cursor !== "0");
  }
}

const KINDS = backupKey.shape.kind;

/** A command that reads a whole key. Large keys are read in pieces instead. */
function contentOf(kind: BackupKey["kind"], key: string): KeyCommand {
  switch (kind) {
    case "hash":
      return ["HGETALL", key];
    case "list":
      return ["LRANGE", key, 0, -1];
    case "zset":
      return ["ZRANGE", key, 0, -1, "WITHSCORES"];
    case "string":
      return ["GET", key];
  }
}

function valuesOf(kind: BackupKey["kind"], answer: PackedAnswer | undefined): readonly Buffer[] {
  if (kind !== "string") return valuesAnswer.parse(answer);
  const value = valueAnswer.parse(answer);
  return value === undefined ? [] : [value];
}

function linesOf(
  kind: BackupKey["kind"],
  key: string,
  expiresAtMs: number | undefined,
  values: readonly Buffer[],
): BackupKey[] {
  const lines: BackupKey[] = [];
  for (let from = 0; from < values.length; from += ELEMENTS_A_LINE) {
    const some = values.slice(from, from + ELEMENTS_A_LINE).map((value) => value.toString("base64"));
    lines.push({ kind, key, ...(expiresAtMs === undefined ? {} : { expiresAtMs }), values: some });
  }
  return lines;
}
