import { setTimeout as delay } from "node:timers/promises";
import {
  firstKeptHour,
  MESSAGES_SLOTS,
  sourceOfSlot,
  StoreUnavailableError,
  TIMED_SLOTS_MAX,
  type InstanceId,
} from "@ticktally/core";
import { commitReply, valueAnswer, valuesAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { readKeys } from "../connection/key-commands.ts";
import { COUNT_KEYS, DAYS_A_KEY, INSTANCE_KEYS, type Keys } from "../keys.ts";
import { NO_LABEL_SUMS, readLabelSums, type LabelSums } from "../counters/label-sums.ts";
import { TIMED_FIELD_BYTES, writeTimedField } from "../counters/counter-codec.ts";
import { lastHourOf, sumPending, type PendingSums } from "../records/pending-codec.ts";
import { PENDING_BYTES_MAX } from "../scripts.ts";
import { storeError } from "../connection/store-error.ts";
import { PackedWriter } from "../messagepack/packed-writer.ts";

interface PendingAdderOptions {
  readonly redis: RedisClient;
  readonly keys: Keys;
  /** See `MessageStoresOptions`. */
  readonly onDamage: (instance: InstanceId) => void;
}

/** Bytes that are added at a time, in whole entries. Redis is blocked for a few milliseconds. */
const BYTES_A_CALL = 16 * 1024;

/** From here on an instance's commits wait, at most {@link WAIT_MS_MAX} each: all readers read what is pending. */
const BACKLOG_BYTES_MAX = 256 * 1024;
const WAIT_MS_MAX = 1_000;
/** Each conflict means that another process has added a part. */
const CONFLICTS_MAX = 20;
const CONFLICT_PAUSE_MS = 50;

/** What is in progress for an instance. */
interface Run {
  bytesLeft: number;
  /** How often commits have asked for it. */
  asked: number;
  end: Promise<void>;
}

/** The result of one addition. */
interface Added {
  /** Of what was read; all of it after a conflict. */
  readonly bytesLeft: number;
  readonly isConflict: boolean;
}

const NOTHING_LEFT: Added = { bytesLeft: 0, isConflict: false };

/** Adds the changes in PENDING to the counters. Readers include pending changes, so this is not urgent. */
export class PendingAdder {
  readonly #options: PendingAdderOptions;
  readonly #runs = new Map<InstanceId, Run>();

  constructor(options: PendingAdderOptions) {
    this.#options = options;
  }

  /** Add until little is left, unless that is in progress. If Redis cannot be reached, the next commit requests it again. */
  begin(instance: InstanceId): void {
    const known = this.#runs.get(instance);
    if (known !== undefined) {
      known.asked += 1;
      return;
    }
    const run: Run = { bytesLeft: 0, asked: 1, end: Promise.resolve() };
    this.#runs.set(instance, run);
    run.end = this.#addAll(instance, run).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) this.#options.onDamage(instance);
    });
  }

  /** Of what is to be committed, what need not wait; if all has to, all of it, once one instance is ready or a second has passed. */
  async ready<Work extends { readonly instance: InstanceId }>(works: readonly Work[]): Promise<readonly Work[]> {
    const ready = works.filter(({ instance }) => !isBehind(this.#runs.get(instance)));
    if (ready.length > 0 || works.length === 0) return ready;
    const ends = works.map(async ({ instance }) => this.#runs.get(instance)?.end);
    await Promise.race([...ends, delay(WAIT_MS_MAX, undefined, { ref: false })]);
    return works;
  }

  /** Add some of what is pending now, once. @throws {StoreUnavailableError} @throws {RangeError} if it cannot be read */
  async add(instance: InstanceId): Promise<Added> {
    const { redis, keys, onDamage } = this.#options;
    const root = keys.instance(instance);
    const [stored, time] = await readKeys(redis, root, [["GET", root + INSTANCE_KEYS.PENDING], ["TIME"]]);
    const pending = valueAnswer.parse(stored);
    if (pending === undefined) return NOTHING_LEFT;
    const now = Number(valuesAnswer.parse(time)[0]);
    const sums = sumPending(pending, BYTES_A_CALL);
    const labels = sums.labels.size === 0 ? NO_LABEL_SUMS : await readLabelSums(redis, root, sums.labels, now);
    const packed = packSums(sums, labels, firstKeptHour(now));
    const reply = await redis.addPending(root, pending.subarray(0, sums.bytes), packed).catch(storeError);
    const outcome = commitReply.parse(reply);
    // Another process has added it, or the instance was forgotten.
    if (outcome === "c") return { bytesLeft: pending.length, isConflict: true };
    if (outcome === "d") onDamage(instance);
    return { bytesLeft: pending.length - sums.bytes, isConflict: false };
  }

  async #addAll(instance: InstanceId, run: Run): Promise<void> {
    try {
      for (let conflicts = 0; conflicts < CONFLICTS_MAX;) {
        const { asked } = run;
        const { bytesLeft, isConflict } = await this.add(instance);
        run.bytesLeft = bytesLeft;
        if (bytesLeft <= PENDING_BYTES_MAX && run.asked === asked) return;
        conflicts = isConflict ? conflicts + 1 : 0;
        // Otherwise several processes would all prepare the same part each time, for nothing in all but one.
        if (isConflict) await delay(Math.random() * CONFLICT_PAUSE_MS * conflicts);
      }
    } finally {
      this.#runs.delete(instance);
    }
  }
}

function isBehind(run: Run | undefined): boolean {
  return run !== undefined && run.bytesLeft > BACKLOG_BYTES_MAX;
}

/** The second argument of `lua/add-pending.lua`. @param fromHour what counts by time of an earlier one move by is dropped */
function packSums({ totals, retracted, times }: PendingSums, labels: LabelSums, fromHour: number): Buffer {
  const writer = new PackedWriter();
  writer.int(labels.fields.length);
  for (const { key, field, before, after } of labels.fields) {
    writer.latin1(key);
    for (const bytes of [field, before, after]) writer.bytes(bytes);
  }
  for (const sums of [totals, retracted]) {
    const moved = [...sums].filter(([, by]) => by !== 0);
    writer.int(moved.length);
    for (const [slot, by] of moved) {
      writer.digits(slot, "#");
      writer.digits(by);
    }
  }
  const hashes = new Map<string, [field: string, by: number][]>();
  const add = (key: string, field: string, by: number) => {
    const fields = hashes.get(key);
    if (fields === undefined) hashes.set(key, [[field, by]]);
    else fields.push([field, by]);
  };
  const days = new Map<number, number>();
  const field = Buffer.alloc(TIMED_FIELD_BYTES);
  let { firstHour } = labels;
  for (const [key, name, by] of labels.moves) add(key, name, by);
  for (const [key, by] of times) {
    if (by === 0) continue;
    const [time, slot] = [Math.floor(key / TIMED_SLOTS_MAX), key % TIMED_SLOTS_MAX];
    const source = sourceOfSlot(slot);
    if (source === undefined || lastHourOf(source, time) < fromHour) continue;
    const { prefix, timesAKey } = COUNT_KEYS[source];
    writeTimedField(field, 0, time % timesAKey, slot);
    add(prefix + String(Math.floor(time / timesAKey)), field.toString("latin1"), by);
    firstHour = Math.min(firstHour, lastHourOf(source, time));
    // A day's messages are the sum of its hours.
    const day = Math.floor(time / 24);
    if (slot >= MESSAGES_SLOTS[0] && slot < MESSAGES_SLOTS[1]) days.set(day, (days.get(day) ?? 0) + by);
  }
  for (const [day, by] of days)
    if (by !== 0) add(INSTANCE_KEYS.DAYS + String(Math.floor(day / DAYS_A_KEY)), String(day), by);
  writer.int(hashes.size);
  for (const [key, fields] of hashes) {
    writer.latin1(key);
    writer.int(fields.length);
    for (const [name, by] of fields) {
      writer.latin1(name);
      writer.digits(by);
    }
  }
  writer.int(firstHour === Infinity ? NO_HOUR : firstHour);
  return writer.finish();
}

/** Later than any. */
const NO_HOUR = 0xffffffff;
