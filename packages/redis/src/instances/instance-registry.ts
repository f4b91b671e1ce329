import type {
  InstanceAdministration,
  InstanceId,
  InstancePage,
  InstanceRegistry,
  RegisteredInstance,
} from "@ticktally/core";
import { countAnswer, fieldsAnswer, textAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { hashSlices } from "../connection/hash-slices.ts";
import { changeKeys, readKeys, type KeyChange, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { lastPlaceReads, leaving, leavingReads, placing } from "./registration-order.ts";
import { defineScripts } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";

const TOKENS_VALID = 2;
/** Takes a few milliseconds in Redis and in the reader. */
const SLICE = 1_000;

/** Which instances exist, their names, and their tokens. */
export class RedisInstanceRegistry implements InstanceRegistry, InstanceAdministration {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
    defineScripts(redis);
  }

  async register(instances: readonly InstanceId[]): Promise<void> {
    const { instanceNames, instancesByName, namesInOrder } = this.#keys;
    for (let from = 0; from < instances.length; from += SLICE) {
      const some = [...new Set(instances.slice(from, from + SLICE))];
      const reads: KeyCommand[] = [instanceNames, instancesByName].map((key) => ["HMGET", key, ...some]);
      await this.#changeInTurn([...reads, ...lastPlaceReads(this.#keys)], ([names, byName, ...last]) => {
        const [known = [], owners = []] = [names, byName].map((answer) => fieldsAnswer.parse(answer));
        const added = some.filter((_, i) => known[i] === undefined);
        const named = some.filter((_, i) => known[i] === undefined && owners[i] === undefined);
        const commands: KeyCommand[] = [];
        if (added.length > 0) {
          commands.push(["HSET", instanceNames, ...added.flatMap((id) => [id, id])]);
          commands.push(placing(this.#keys, added, last));
        }
        if (named.length > 0) {
          commands.push(["HSET", instancesByName, ...named.flatMap((id) => [id, id])]);
          commands.push(["ZADD", namesInOrder, ...named.flatMap((id) => [0, id])]);
        }
        return { commands, outcome: undefined };
      });
    }
  }

  async registered(instances: readonly InstanceId[]): Promise<readonly InstanceId[]> {
    const names = await this.#redis.hmget(this.#keys.instanceNames, ...instances).catch(storeError);
    return instances.filter((_, i) => names[i] !== null);
  }

  async list(): Promise<readonly RegisteredInstance[]> {
    const names = await this.#redis.hgetall(this.#keys.instanceNames).catch(storeError);
    return Object.entries(names).map(([id, name]) => ({ id, name }));
  }

  async *slices(): AsyncGenerator<readonly RegisteredInstance[]> {
    for await (const slice of hashSlices(this.#redis, this.#keys.instanceNames))
      yield slice.map(([id, name]) => ({ id, name }));
  }

  async page(limit: number, after?: string): Promise<InstancePage> {
    const found = await this.#page(limit, after);
    if (found.isInOrder) return found.page;
    await this.#putInOrder();
    return (await this.#page(limit, after)).page;
  }

  /** The ordered list is incomplete if an older version, which does not keep it, created or renamed instances. */
  async #page(limit: number, after: string | undefined): Promise<{ page: InstancePage; isInOrder: boolean }> {
    const { instancesByName, namesInOrder } = this.#keys;
    const start = after === undefined ? "-" : `(${after}`;
    // One more than is shown, to know whether there is a next page.
    const answers = await readKeys(this.#redis, instancesByName, [
      ["HLEN", instancesByName],
      ["ZCARD", namesInOrder],
      ["ZRANGEBYLEX", namesInOrder, start, "+", "LIMIT", 0, limit + 1],
    ]);
    const [total, ordered] = [countAnswer.parse(answers[0]), countAnswer.parse(answers[1])];
    const names = valuesAnswer.parse(answers[2]).map(String);
    const ids = names.length === 0 ? [] : await this.#redis.hmget(instancesByName, ...names).catch(storeError);
    const found = names.flatMap((name, i) => {
      const id = ids[i] ?? null;
      return id === null ? [] : [{ id, name }];
    });
    const next = names.length > limit ? names[limit - 1] : undefined;
    const page = { instances: found.slice(0, limit), total, ...(next === undefined ? {} : { next }) };
    return { page, isInOrder: total === ordered && found.length === names.length };
  }

  /** If instances change meanwhile the list may be wrong; the next page notices that. */
  async #putInOrder(): Promise<void> {
    const { instancesByName, namesInOrder } = this.#keys;
    for await (const slice of hashSlices(this.#redis, instancesByName))
      await this.#redis.zadd(namesInOrder, ...slice.flatMap(([name]) => [0, name])).catch(storeError);
    let cursor = "0";
    do {
      const [next, members] = await this.#redis.zscan(namesInOrder, cursor, "COUNT", SLICE).catch(storeError);
      const names = members.filter((_, i) => i % 2 === 0);
      const ids = names.length === 0 ? [] : await this.#redis.hmget(instancesByName, ...names).catch(storeError);
      const gone = names.filter((_, i) => ids[i] === null);
      if (gone.length > 0) await this.#redis.zrem(namesInOrder, ...gone).catch(storeError);
      cursor = next;
    } while (cursor !== "0");
  }

  async resolve(names: readonly string[]): Promise<readonly (RegisteredInstance | undefined)[]> {
    const [byName, byId] = await Promise.all([
      this.#redis.hmget(this.#keys.instancesByName, ...names).catch(storeError),
      this.#redis.hmget(this.#keys.instanceNames, ...names).catch(storeError),
    ]);
    return names.map((name, i) => {
      const [id, ownName] = [byName[i] ?? null, byId[i] ?? null];
      if (id !== null) return { id, name };
      return ownName === null ? undefined : { id: name, name: ownName };
    });
  }

  async tokenOwner(tokenSha256: string): Promise<InstanceId | undefined> {
    return (await this.#redis.hget(this.#keys.tokens, tokenSha256).catch(storeError)) ?? undefined;
  }

  /** SHA-256 of the tokens that are valid, hex, newest first. */
  async tokensOf(id: InstanceId): Promise<readonly string[]> {
    const stored = await this.#redis.hget(this.#keys.instanceTokens, id).catch(storeError);
    return digestsIn(stored ?? "");
  }

  async create({ id, name }: RegisteredInstance): Promise<"created" | "id_taken" | "name_taken"> {
    const { instanceNames, instancesByName } = this.#keys;
    const reads: KeyCommand[] = [
      ["HMGET", instanceNames, id, name],
      ["HMGET", instancesByName, id, name],
    ];
    return this.#changeInTurn<"created" | "id_taken" | "name_taken">(
      [...reads, ...lastPlaceReads(this.#keys)],
      (answers) => {
        const [names, byName, ...last] = answers;
        const [[known, otherId] = [], [namedSo, owner] = []] = [names, byName].map((answer) =>
          fieldsAnswer.parse(answer),
        );
        if (known !== undefined || namedSo !== undefined) return { commands: [], outcome: "id_taken" };
        if (owner !== undefined || otherId !== undefined) return { commands: [], outcome: "name_taken" };
        return { commands: [...this.#naming(id, name), placing(this.#keys, [id], last)], outcome: "created" };
      },
    );
  }

  /** A name is unique among names and ids, so either finds one instance. */
  async rename(id: InstanceId, name: string): Promise<"renamed" | "name_taken" | "unknown"> {
    const { instanceNames, instancesByName } = this.#keys;
    for (;;) {
      const before = (await this.#redis.hget(instanceNames, id).catch(storeError)) ?? undefined;
      if (before === undefined) return "unknown";
      const reads: KeyCommand[] = [
        ["HMGET", instanceNames, id, name],
        ["HMGET", instancesByName, before, name],
      ];
      const outcome = await this.#change<"renamed" | "name_taken" | "moved">(reads, (answers) => {
        const [[known, otherId] = [], [ownerBefore, owner] = []] = textsIn(answers);
        if (known !== before) return { commands: [], outcome: "moved" };
        if ((owner !== undefined && owner !== id) || (name !== id && otherId !== undefined))
          return { commands: [], outcome: "name_taken" };
        const unnaming = ownerBefore === id ? this.#unnaming(before) : [];
        return { commands: [...unnaming, ...this.#naming(id, name)], outcome: "renamed" };
      });
      if (outcome !== "moved") return outcome;
    }
  }

  /** Its name is free again, its tokens end. @param counted its totals as Prometheus has scraped them */
  async remove(id: InstanceId, counted: ReadonlyMap<string, number> = new Map()): Promise<void> {
    const { instanceNames, instancesByName, tokens, instanceTokens, deletedInstances } = this.#keys;
    for (;;) {
      const [before, [seconds, micros]] = await Promise.all([
        this.#redis.hget(instanceNames, id),
        this.#redis.time(),
      ]).catch(storeError);
      const reads: KeyCommand[] = [
        ["HGET", instanceNames, id],
        ["HGET", instancesByName, before ?? id],
        ["HGET", instanceTokens, id],
        ...leavingReads(this.#keys, id),
      ];
      const isDone = await this.#change(reads, ([name, byName, tokenDigests, ...places]) => {
        const [known, owner, digests = ""] = [name, byName, tokenDigests].map((answer) => textAnswer.parse(answer));
        if (known !== (before ?? undefined)) return { commands: [], outcome: false };
        const ended = digestsIn(digests);
        const commands: KeyCommand[] = [
          ...(known !== undefined && owner === id ? this.#unnaming(known) : []),
          ["HDEL", instanceNames, id],
          ...(ended.length === 0 ? [] : [["HDEL", tokens, ...ended] as const]),
          ["HDEL", instanceTokens, id],
          ...leaving(this.#keys, id, places, counted),
          ["ZADD", deletedInstances, Number(seconds) * 1000 + Math.floor(Number(micros) / 1000), id],
        ];
        return { commands, outcome: true };
      });
      if (isDone) return;
    }
  }

  /** The previous token stays valid, so programs can switch without a gap. */
  async addToken(id: InstanceId, tokenSha256: string): Promise<"added" | "unknown"> {
    const { instanceNames, tokens, instanceTokens } = this.#keys;
    const reads: KeyCommand[] = [
      ["HGET", instanceNames, id],
      ["HGET", instanceTokens, id],
    ];
    return this.#change<"added" | "unknown">(reads, (answers) => {
      const [known, digests = ""] = answers.map((answer) => textAnswer.parse(answer));
      if (known === undefined) return { commands: [], outcome: "unknown" };
      const all = [tokenSha256, ...digestsIn(digests).filter((digest) => digest !== tokenSha256)];
      const [valid, ended] = [all.slice(0, TOKENS_VALID), all.slice(TOKENS_VALID)];
      const commands: KeyCommand[] = [
        ...(ended.length === 0 ? [] : [["HDEL", tokens, ...ended] as const]),
        ["HSET", tokens, tokenSha256, id],
        ["HSET", instanceTokens, id, valid.join(" ")],
      ];
      return { commands, outcome: "added" };
    });
  }

  async #change<Outcome>(
    reads: readonly KeyCommand[],
    decide: (answers: readonly PackedAnswer[]) => KeyChange<Outcome>,
  ): Promise<Outcome> {
    return changeKeys(this.#redis, this.#keys.instanceNames, reads, decide);
  }

  /** Registrations compete for the next place in the order, so one process does them one after the other. */
  async #changeInTurn<Outcome>(
    reads: readonly KeyCommand[],
    decide: (answers: readonly PackedAnswer[]) => KeyChange<Outcome>,
  ): Promise<Outcome> {
    const turn = this.#lastTurn.then(async () => this.#change(reads, decide));
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }

  #naming(id: InstanceId, name: string): readonly KeyCommand[] {
    const { instanceNames, instancesByName, namesInOrder } = this.#keys;
    return [
      ["HSET", instanceNames, id, name],
      ["HSET", instancesByName, name, id],
      ["ZADD", namesInOrder, 0, name],
    ];
  }

  #unnaming(name: string): readonly KeyCommand[] {
    const { instancesByName, namesInOrder } = this.#keys;
    return [
      ["HDEL", instancesByName, name],
      ["ZREM", namesInOrder, name],
    ];
  }
}

function textsIn(answers: readonly PackedAnswer[]): readonly (readonly (string | undefined)[])[] {
  return answers.map((answer) => fieldsAnswer.parse(answer).map((field) => field?.toString()));
}

function digestsIn(stored: string): readonly string[] {
  return stored.split(" ").filter((digest) => digest !== "");
}
