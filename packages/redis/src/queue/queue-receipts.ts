import type { QueueStatus } from "@ticktally/core";
import { countAnswer, fieldsAnswer, textAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, readKeys, type KeyChange, type KeyCommand } from "../connection/key-commands.ts";
import type { Keys } from "../keys.ts";
import { queueKey } from "./used-queues.ts";

/** Stored ranges depend on it: another number needs other key names. */
const SPAN = 128;
/** This many jobs take Redis a few milliseconds. */
const RANGES_AT_ONCE = 8;
/** While Redis refuses writes, no more jobs than this are read. */
const READ_MAX_UNKEPT = 1024;

/** The state at one moment. */
interface QueueState {
  readonly held: Omit<QueueStatus, "oldestReceivedAtMs">;
  /** Id of the job that was added last. */
  readonly newest: number;
  /** Ranges up to this id were read; `undefined` before the first time, or if ids start again because it is a new queue. */
  readonly read: number | undefined;
  /** Whether there are jobs older than the ranges. */
  readonly hasCopies: boolean;
}

/**
 * How many jobs one BullMQ queue holds, and the receipt of its oldest.
 *
 * A job is not done as long as its hash exists: BullMQ writes the hash when it adds the job and deletes it when the job completes, whatever
 * lists it moves the job through. So jobs are found by their ids, which BullMQ counts up, in ranges of SPAN: range r has the ids from r *
 * SPAN + 1 to (r + 1) * SPAN. Once all ids of a range are assigned, it is read, and its oldest receipt is stored if it has a job that is
 * not done. Receipts never change and a complete range gets no more jobs, so a stored value can only become too early, whichever process
 * wrote it last. The lowest one is therefore read again before it is used. The newest ids, less than a range, are read each time. The order
 * of receipts among ids does not matter. While Redis refuses writes nothing is stored, and the answer is the same or earlier.
 */
export class QueueReceipts {
  readonly #redis: RedisClient;
  /** Keys of BullMQ: wait and active are lists, delayed and failed sorted sets; the newest id; the prefix of job hashes. */
  readonly #held: readonly string[];
  readonly #id: string;
  readonly #jobs: string;
  /** Sorted set: range -> not later than the receipt of any job in it that is not done, Unix ms */
  readonly #ranges: string;
  /** Highest id whose range was read, a multiple of SPAN */
  readonly #end: string;
  /** The initial contents of `#held` that are still to be read: the queue may be older than these keys. */
  readonly #copies: readonly string[];

  constructor(redis: RedisClient, keys: Keys, shard: number) {
    this.#redis = redis;
    this.#held = (["wait", "active", "delayed", "failed"] as const).map((part) => queueKey(keys, shard, part));
    this.#id = queueKey(keys, shard, "id");
    this.#jobs = queueKey(keys, shard, "");
    const [ranges = "", end = "", ...copies] = keys.queueReceipts(shard);
    this.#ranges = ranges;
    this.#end = end;
    this.#copies = copies;
  }

  /** @throws {StoreUnavailableError} */
  async status(): Promise<QueueStatus> {
    const { held, newest, hasCopies, read = complete(newest) } = await this.#begin();
    if (isEmpty(held)) return held;
    if (hasCopies) for (const [i, key] of this.#copies.entries()) await this.#readCopy(key, i < 2);
    const found = await this.#readNew(read, complete(newest));
    const oldest = await this.#readLowest(found.oldest, found.isRefused);
    const last = await this.#oldestOf([[complete(newest) + 1, newest]]);
    const oldestReceivedAtMs = Math.min(oldest, last[0] ?? Infinity);
    return oldestReceivedAtMs === Infinity ? held : { ...held, oldestReceivedAtMs };
  }

  async #begin(): Promise<QueueState> {
    const [wait, active, delayed, failed] = this.#held;
    const reads: KeyCommand[] = [
      ["LLEN", wait ?? ""],
      ["LLEN", active ?? ""],
      ["ZCARD", delayed ?? ""],
      ["ZCARD", failed ?? ""],
      ["GET", this.#id],
      ["GET", this.#end],
      ["EXISTS", this.#copies[0] ?? "", ...this.#copies.slice(1)],
    ];
    try {
      return await changeKeys(this.#redis, this.#id, reads, (answers) => this.#started(stateIn(answers)));
    } catch (error) {
      const state = stateIn(await readKeys(this.#redis, this.#id, reads));
      if (isEmpty(state.held) || state.read !== undefined) return state;
      throw error;
    }
  }

  /** Start over if a queue is empty or was never examined. */
  #started(state: QueueState): KeyChange<QueueState> {
    const { held, newest, read } = state;
    const isNew = read === undefined;
    if (!isNew && (!isEmpty(held) || read === complete(newest))) return { commands: [], outcome: state };
    const copying = isEmpty(held) ? [] : this.#held.map((key, i): KeyCommand => ["COPY", key, this.#copies[i] ?? ""]);
    const commands: KeyCommand[] = [
      ["DEL", this.#ranges, ...this.#copies],
      ...copying,
      ["SET", this.#end, complete(newest)],
    ];
    return { commands, outcome: { ...state, hasCopies: copying.length > 0 } };
  }

  /** Jobs that are older than the ranges. */
  async #readCopy(key: string, isList: boolean): Promise<void> {
    const reading: KeyCommand = [isList ? "LRANGE" : "ZRANGE", key, 0, SPAN * RANGES_AT_ONCE - 1];
    for (;;) {
      const [answer] = await readKeys(this.#redis, key, [reading]);
      const names = valuesAnswer.parse(answer).map(String);
      if (names.length === 0) return;
      const receipts = await this.#receipts(names);
      const bounds = new Map<number, number>();
      for (const [i, name] of names.entries()) {
        const [range, at] = [Math.floor((Number(name) - 1) / SPAN), receipts[i]];
        if (at !== undefined && Number.isInteger(range)) bounds.set(range, Math.min(bounds.get(range) ?? at, at));
      }
      await changeKeys(this.#redis, key, [reading], ([now]) => {
        const isSame = valuesAnswer.parse(now).map(String).join() === names.join();
        // Stored before they are removed: a full Redis refuses the former but not the latter.
        const commands: KeyCommand[] = [
          ...[...bounds].map(([range, at]) => this.#lowered(range, at)),
          isList ? ["LTRIM", key, names.length, -1] : ["ZREMRANGEBYRANK", key, 0, names.length - 1],
        ];
        return { commands: isSame ? commands : [], outcome: undefined };
      });
    }
  }

  /** Ranges completed since the last time. If nothing can be stored, the next call reads them again. */
  async #readNew(from: number, to: number): Promise<{ readonly oldest: number; readonly isRefused: boolean }> {
    let [oldest, isRefused] = [Infinity, false];
    for (let read = from; read < to;) {
      const spans: (readonly [number, number])[] = [];
      for (let end = read; end < to && spans.length < RANGES_AT_ONCE; end += SPAN) spans.push([end + 1, end + SPAN]);
      const found = await this.#oldestOf(spans);
      const commands = found.flatMap((at, i) => (at === undefined ? [] : [this.#lowered(read / SPAN + i, at)]));
      oldest = Math.min(oldest, ...found.map((at) => at ?? Infinity));
      const [before, next] = [String(read), read + SPAN * spans.length];
      const isKept = await this.#keep([["GET", this.#end]], ([end]) =>
        textAnswer.parse(end) === before ? [...commands, ["SET", this.#end, next]] : [],
      );
      isRefused ||= !isKept;
      read = next;
    }
    return { oldest, isRefused };
  }

  /** Verify the lowest bounds until none is lower than what was found. @returns the earliest of that and of `oldest` */
  async #readLowest(oldest: number, wasRefused: boolean): Promise<number> {
    let [earliest, isRefused, seen] = [oldest, wasRefused, 0];
    const looked = new Set<number>();
    for (;;) {
      const [max, count] = [earliest === Infinity ? "+inf" : `(${String(earliest)}`, RANGES_AT_ONCE + seen];
      const asked: KeyCommand = ["ZRANGE", this.#ranges, "-inf", max, "BYSCORE", "LIMIT", 0, count, "WITHSCORES"];
      const [answer] = await readKeys(this.#redis, this.#ranges, [asked]);
      const flat = valuesAnswer.parse(answer).map(Number);
      const lowest = flat.flatMap((range, i) => (i % 2 === 0 ? [{ range, bound: flat[i + 1] ?? 0 }] : []));
      const unknown = lowest.filter(({ range }) => !looked.has(range)).slice(0, RANGES_AT_ONCE);
      if (unknown.length === 0 && lowest.length < count) return earliest;
      seen = lowest.length - unknown.length;
      const found = await this.#oldestOf(unknown.map(({ range }) => [range * SPAN + 1, (range + 1) * SPAN]));
      const commands = unknown.flatMap(({ range, bound }, i): KeyCommand[] => {
        const at = found[i];
        looked.add(range);
        earliest = Math.min(earliest, at ?? Infinity);
        if (at === undefined) return [["ZREM", this.#ranges, String(range)]];
        return at > bound ? [["ZADD", this.#ranges, at, String(range)]] : [];
      });
      const isKept = await this.#keep([asked], ([now]) =>
        valuesAnswer.parse(now).map(Number).join() === flat.join() ? commands : [],
      );
      isRefused ||= !isKept;
      // Possibly too early, never too late, and only until writes are possible again.
      if (isRefused && SPAN * looked.size >= READ_MAX_UNKEPT)
        return Math.min(earliest, unknown.at(-1)?.bound ?? Infinity);
    }
  }

  /** @returns whether it was written or did not have to be */
  async #keep(
    reads: readonly KeyCommand[],
    decide: (answers: readonly PackedAnswer[]) => readonly KeyCommand[],
  ): Promise<boolean> {
    try {
      await changeKeys(this.#redis, this.#id, reads, (answers) => ({ commands: decide(answers), outcome: undefined }));
      return true;
    } catch {
      return false;
    }
  }

  #lowered(range: number, at: number): KeyCommand {
    return ["ZADD", this.#ranges, "LT", at, String(range)];
  }

  /** @param spans first and last id @returns for each the earliest receipt of its jobs that are not done */
  async #oldestOf(spans: readonly (readonly [number, number])[]): Promise<readonly (number | undefined)[]> {
    const ids = spans.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
    const receipts = await this.#receipts(ids.map(String));
    let next = 0;
    return spans.map(([first, last]) => {
      const known = receipts.slice(next, (next += last - first + 1)).filter((at) => at !== undefined);
      return known.length === 0 ? undefined : Math.min(...known);
    });
  }

  async #receipts(ids: readonly string[]): Promise<readonly (number | undefined)[]> {
    if (ids.length === 0) return [];
    const reads = ids.map((id): KeyCommand => ["HGET", this.#jobs + id, "timestamp"]);
    return fieldsAnswer
      .parse(await readKeys(this.#redis, this.#id, reads))
      .map((at) => (at === undefined ? undefined : Number(at)));
  }
}

function stateIn(answers: readonly PackedAnswer[]): QueueState {
  const [waiting = 0, active = 0, delayed = 0, failed = 0] = answers.slice(0, 4).map((one) => countAnswer.parse(one));
  const [newest = 0, stored] = answers.slice(4, 6).map((one) => {
    const text = textAnswer.parse(one);
    return text === undefined ? undefined : Number(text);
  });
  const read = stored === undefined || stored > newest ? undefined : stored;
  return { held: { waiting, active, delayed, failed }, newest, read, hasCopies: answers[6] !== 0 };
}

function isEmpty({ waiting, active, delayed, failed }: QueueState["held"]): boolean {
  return waiting + active + delayed + failed === 0;
}

/** The last id of the ranges whose ids are all assigned. */
function complete(newest: number): number {
  return newest - (newest % SPAN);
}
