import {
  CounterChanges,
  COUNTS_KEPT_DAYS,
  contributionOf,
  IS_GROWING,
  moveCounts,
  newContribution,
  sourceOfSlot,
  UNTIMED,
  type InstanceId,
} from "@ticktally/core";
import type { BackupEpoch, BackupInstanceEnd, BackupKey } from "@ticktally/schemas";
import { HASH_KEY_BYTES, newHashKey } from "../instances/instance-basis.ts";
import { InstanceImport, type InstanceImportDeps } from "../backup/instance-import.ts";
import { NO_TIME, packPeriods, type RetentionPeriod } from "../instances/instance-epoch.ts";
import { COUNT_KEYS, HOURS_A_KEY, INSTANCE_KEYS } from "../keys.ts";
import { SLOT_BYTES, TIMED_FIELD_BYTES, writeTimedField } from "../counters/counter-codec.ts";
import { packExtra } from "../records/extra-codec.ts";
import { KeyedHash } from "../records/keyed-hash.ts";
import { recordBytesMax, writeRecord } from "../records/record-codec.ts";
import { rehashed } from "../records/record-field.ts";
import { bucketOf } from "./bucket-of.ts";
import { ChatConversion } from "./chat-conversion.ts";
import { OLD_SLOT_RETRACTED, slotOfOld } from "./counters.ts";
import { lifeOf, type Life } from "./life.ts";
import { convertRecord } from "./record.ts";

/**
 * Rewrites one instance of layout 1 in the current layout: records are stored again, and the counts move by each record's contribution today
 * minus its contribution by the old rule. Takes the lines of its keys in the order of `keysOfLife`.
 */
export class InstanceConversion {
  readonly #target: InstanceImport;
  readonly #hash: KeyedHash;
  /** By generation. */
  readonly #periods: ReadonlyMap<string, { readonly period: RetentionPeriod; records: number }>;
  readonly #life: Life;
  readonly #changes = new CounterChanges();
  /** Parts of the present generation's records that are stored elsewhere, by generation and field. */
  readonly #descriptions = new Map<string, Buffer>();
  readonly #recipients = new Map<string, Buffer>();
  readonly #failures: { readonly field: Buffer; readonly at: number }[] = [];
  readonly #chats = new ChatConversion();
  /** By key. */
  readonly #times = new Map<
    string,
    { readonly counts: Map<string, number>; readonly expiresAtMs: number | undefined }
  >();
  #messages = 0;

  private constructor(
    target: InstanceImport,
    hash: KeyedHash,
    life: Life,
    periods: ReadonlyMap<string, { period: RetentionPeriod; records: number }>,
  ) {
    this.#target = target;
    this.#hash = hash;
    this.#life = life;
    this.#periods = periods;
  }

  /** @param generationMs its length @param used numbers of lives that still exist */
  static async begin(
    deps: InstanceImportDeps,
    id: InstanceId,
    life: Life,
    generationMs: number,
    used: readonly number[],
  ): Promise<InstanceConversion> {
    const hashKey = Buffer.from(newHashKey(), "latin1");
    const seconds = generationMs / 1000;
    const periods = life.buckets.map((buckets, age) => {
      const generation = life.generation - age;
      const [opened, expires] = [Math.floor(generation * seconds), Math.floor((generation + 3) * seconds)];
      return [String(generation), { number: age, opened, expires, buckets: Math.max(1, buckets), records: 0 }] as const;
    });
    const epoch: BackupEpoch = {
      hashKey: hashKey.toString("base64"),
      periods: packPeriods(periods.map(([, period]) => period)).toString("base64"),
      summary: packSummary(life).toString("base64"),
    };
    const target = await InstanceImport.begin(deps, id, epoch, used);
    const byGeneration = new Map(periods.map(([generation, period]) => [generation, { period, records: 0 }]));
    return new InstanceConversion(target, new KeyedHash(hashKey.subarray(0, HASH_KEY_BYTES)), life, byGeneration);
  }

  get messages(): number {
    return this.#messages;
  }

  async write(line: BackupKey): Promise<void> {
    const [kind = "", name = "", day = ""] = line.key.split(":");
    const values = line.values.map((value) => Buffer.from(value, "base64"));
    switch (kind) {
      case "descriptions":
      case "recipients":
        for (const [field, value] of pairs(values))
          (kind === "descriptions" ? this.#descriptions : this.#recipients).set(
            `${name} ${field.toString("latin1")}`,
            value,
          );
        return;
      case "messages":
        for (const [field, value] of pairs(values)) await this.#record(name, field, value, line.expiresAtMs);
        return;
      case "heard":
        await this.#arrivals(name, day, values, line.expiresAtMs);
        return;
      case "hours":
        this.#hoursOf(Number(name), values, line.expiresAtMs);
        return;
      case "chats":
        this.#chats.take(name, pairs(values), values);
        return;
      case "days":
        await this.#target.write(line);
        return;
      default:
        // The list of failed messages is built again.
        return;
    }
  }

  /**
   * Switch readers to it. `left`: for META, what has to be deleted afterwards.
   * @returns how many counters were lower than the records they count
   */
  async commit(
    { meta, counts }: Pick<BackupInstanceEnd, "meta" | "counts">,
    { replace, left }: { readonly replace: boolean; readonly left?: string },
  ): Promise<number> {
    const fields = new Map(
      pairs(meta.map((text) => Buffer.from(text, "base64"))).map(([field, value]) => [String(field), value]),
    );
    const life = lifeOf(fields.get("head")) ?? this.#life;
    const numbers = this.#counts(Buffer.from(counts, "base64"));
    await this.#writeTimes();
    const approximate = await this.#chats.write(this.#target);
    for (const { field, at } of this.#newestFailures())
      await this.#target.command("ZADD", INSTANCE_KEYS.FAILED, [at, field]);
    const periods = [...this.#periods.values()].map(({ period, records }) => ({ ...period, records }));
    const now = new Map<string, Buffer>([
      ["summary", packSummary(life)],
      ["periods", packPeriods(periods)],
      ...["state", "stateAt", "ignoreGroups", "chatsVersion"].flatMap((field) => {
        const value = fields.get(field);
        return value === undefined ? [] : [[field, value] as const];
      }),
    ]);
    if (approximate !== "") now.set("approximate", Buffer.from(approximate));
    if (left !== undefined) now.set(LEFT_FIELD, Buffer.from(left));
    const texts = [...now]
      .flatMap(([field, value]) => [Buffer.from(field), value])
      .map((bytes) => bytes.toString("base64"));
    const [totals, retracted] = [numbers.totals, numbers.retracted].map((bytes) => bytes.toString("base64"));
    const counted = { counts: totals ?? "", retracted: retracted ?? "", pending: "" };
    await this.#target.commit({ meta: texts, ...counted }, { replace });
    return numbers.short;
  }

  async #record(generation: string, field: Buffer, value: Buffer, expiresAtMs: number | undefined): Promise<void> {
    const place = this.#periods.get(generation);
    if (place === undefined) return;
    const key = `${generation} ${field.toString("latin1")}`;
    const { record, countByOldRule } = convertRecord(
      field,
      value,
      this.#descriptions.get(key) ?? NOTHING,
      this.#recipients.get(key) ?? NOTHING,
    );
    countByOldRule(this.#changes, -1);
    const after = contributionOf(record, newContribution());
    moveCounts(newContribution(), after, this.#changes);
    const [own, extra] = [rehashed(field, this.#hash), packExtra(record)];
    if (after.failureHour >= 0) this.#failures.push({ field: own, at: after.standing.failureAt });
    const packed = Buffer.alloc(recordBytesMax(record));
    const stored = packed.subarray(0, writeRecord(packed, 0, record, extra === undefined ? undefined : 0));
    const { number, buckets, expires } = place.period;
    const name = `${INSTANCE_KEYS.MESSAGES}${String(number)}:${String(bucketOf(own, buckets))}`;
    const expiresAt = Math.round(expiresAtMs ?? expires * 1000);
    await this.#target.command("HSET", name, [own, stored]);
    await this.#target.command("PEXPIREAT", name, [expiresAt]);
    if (extra !== undefined) {
      await this.#target.command("HSET", INSTANCE_KEYS.EXTRAS + String(number), [own, extra]);
      await this.#target.command("PEXPIREAT", INSTANCE_KEYS.EXTRAS + String(number), [expiresAt]);
    }
    place.records += 1;
    this.#messages += 1;
  }

  /** The most recent failures are collected from the records: half as many are shown. */
  #newestFailures() {
    return this.#failures.sort((a, b) => b.at - a.at).slice(0, FAILED_KEPT);
  }

  async #arrivals(generation: string, day: string, fields: readonly Buffer[], expiresAtMs: number | undefined) {
    const number = this.#periods.get(generation)?.period.number;
    if (number === undefined || fields.length === 0) return;
    const key = `${INSTANCE_KEYS.ARRIVALS}${String(number)}:${day}`;
    await this.#target.command(
      "RPUSH",
      key,
      fields.map((field) => rehashed(field, this.#hash)),
    );
    if (expiresAtMs !== undefined) await this.#target.command("PEXPIREAT", key, [Math.round(expiresAtMs)]);
  }

  #hoursOf(block: number, values: readonly Buffer[], expiresAtMs: number | undefined): void {
    for (const [field, value] of pairs(values)) {
      const [place = 0, high = 0, low = 0] = Array.from(field, (byte) => byte - 48);
      const slot = slotOfOld(high * 64 + low);
      if (slot !== undefined) this.#addAt(block * HOURS_A_KEY + place, slot, Number(String(value)), expiresAtMs);
    }
  }

  #addAt(time: number, slot: number, by: number, expiresAtMs?: number): void {
    const source = sourceOfSlot(slot);
    if (source === undefined || time === UNTIMED) return;
    const { prefix, timesAKey } = COUNT_KEYS[source];
    const key = prefix + String(Math.floor(time / timesAKey));
    const known = this.#times.get(key) ?? { counts: new Map<string, number>(), expiresAtMs };
    this.#times.set(key, known);
    const field = Buffer.alloc(TIMED_FIELD_BYTES);
    writeTimedField(field, 0, time % timesAKey, slot);
    const name = field.toString("latin1");
    known.counts.set(name, (known.counts.get(name) ?? 0) + by);
  }

  async #writeTimes(): Promise<void> {
    this.#changes.takeTimes((time, slot, by) => {
      this.#addAt(time, slot, by);
    });
    for (const [key, { counts, expiresAtMs }] of this.#times) {
      const fields = [...counts].filter(([, count]) => count > 0).flatMap(([field, count]) => [field, count]);
      if (fields.length === 0) continue;
      await this.#target.command("HSET", key, fields);
      if (expiresAtMs === undefined) await this.#target.command("EXPIRE", key, [COUNTS_KEPT_SECONDS]);
      else await this.#target.command("PEXPIREAT", key, [Math.round(expiresAtMs)]);
    }
  }

  #counts(stored: Buffer): { readonly totals: Buffer; readonly retracted: Buffer; readonly short: number } {
    const [totals, retracted] = [new Map<number, number>(), new Map<number, number>()];
    for (let old = 0; (old + 1) * SLOT_BYTES <= stored.length; old++) {
      const value = stored.readUIntBE(old * SLOT_BYTES, SLOT_BYTES);
      const slot = slotOfOld(old % OLD_SLOT_RETRACTED);
      if (value !== 0 && slot !== undefined) add(old < OLD_SLOT_RETRACTED ? totals : retracted, slot, value);
    }
    let short = 0;
    this.#changes.takeTotals((slot, by) => {
      add(totals, slot, by);
      if (by < 0 && IS_GROWING[slot] === true) add(retracted, slot, -by);
      if ((totals.get(slot) ?? 0) < 0) short += 1;
    });
    return { totals: packNumbers(totals), retracted: packNumbers(retracted), short };
  }
}

/** A field of META until the old keys are deleted: if the upgrade is interrupted in between, the next run deletes them. */
export const LEFT_FIELD = "left";

const NOTHING = Buffer.alloc(0);
const FAILED_KEPT = 100;
const COUNTS_KEPT_SECONDS = COUNTS_KEPT_DAYS * 86_400;

function packSummary({ first, last, lastReceipt }: Life): Buffer {
  const summary = Buffer.alloc(12);
  // `last` was 0 for none, and the first is at least known.
  [first, last === 0 && first !== NO_TIME ? first : last, lastReceipt].forEach((time, i) =>
    summary.writeUInt32BE(time, 4 * i),
  );
  return summary;
}

function add(numbers: Map<number, number>, slot: number, by: number): void {
  numbers.set(slot, (numbers.get(slot) ?? 0) + by);
}

function packNumbers(numbers: ReadonlyMap<number, number>): Buffer {
  const kept = [...numbers].filter(([, value]) => value > 0);
  const packed = Buffer.alloc(SLOT_BYTES * Math.max(0, ...kept.map(([slot]) => slot + 1)));
  for (const [slot, value] of kept) packed.writeUIntBE(value, slot * SLOT_BYTES, SLOT_BYTES);
  return packed;
}

function pairs(values: readonly Buffer[]): (readonly [Buffer, Buffer])[] {
  return Array.from({ length: Math.floor(values.length / 2) }, (_, i) => {
    return [values[2 * i] ?? NOTHING, values[2 * i + 1] ?? NOTHING] as const;
  });
}
