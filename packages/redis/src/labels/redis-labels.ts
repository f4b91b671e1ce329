import {
  firstKeptHour,
  hourOfLabel,
  labelMessagesSlot,
  labelOf,
  type InstanceId,
  type LabelledId,
  type Labelling,
  type LabelStore,
  type LabelTotal,
  type TakeLabelCount,
} from "@ticktally/core";
import { numbersAnswer, valueAnswer, valuesAnswer } from "@ticktally/schemas";
import type { BatchCommitter } from "../commit/batch-committer.ts";
import type { InstanceBases } from "../commit/instance-basis.ts";
import type { RecordReader } from "../commit/record-reader.ts";
import type { RedisClient } from "../connection/connection.ts";
import { inEpoch, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { sumPending } from "../records/pending-codec.ts";
import { HOURS_A_DAY, readLabelHourField, unpackCounts } from "./label-codec.ts";
import { LabelEraser } from "./label-eraser.ts";
import { labelNames, LabelRegistry, NAMES_ASKED } from "./label-registry.ts";
import { sumsOf } from "./label-sums.ts";
import { LabelWriter, type LabelWriterDeps } from "./label-writer.ts";

interface RedisLabelsDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly bases: InstanceBases;
  readonly reader: RecordReader;
  readonly committer: BatchCommitter;
  readonly retentionDays: number;
  readonly admit: LabelWriterDeps["admit"];
}

/** Hours of labels that are read at a time: Redis does nothing else for a few milliseconds. */
const HOURS_A_CALL = 10_000;
const { LABEL_COUNTS, LABEL_DAYS, LABEL_HOURS, PENDING } = INSTANCE_KEYS;

/** The labels of instances, and what is counted of them, what is still to be added included. */
export class RedisLabels implements LabelStore {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #registry: LabelRegistry;
  readonly #writer: LabelWriter;
  readonly #eraser: LabelEraser;
  /** What this process is about to do: it need not do it twice. */
  readonly #erasing = new Set<string>();

  constructor({ redis, keys, bases, reader, committer, retentionDays, admit }: RedisLabelsDeps) {
    this.#redis = redis;
    this.#keys = keys;
    const registry = new LabelRegistry(redis, keys);
    this.#registry = registry;
    const tell = (instance: InstanceId, outcome: string) => {
      committer.tell(instance, outcome);
    };
    this.#writer = new LabelWriter({ redis, keys, bases, reader, registry, retentionDays, admit, tell });
    this.#eraser = new LabelEraser({ redis, keys, registry, committer });
  }

  async label(instance: InstanceId, label: string, ids: readonly LabelledId[]): Promise<Labelling> {
    return this.#writer.label(instance, label, ids);
  }

  async deleteLabel(instance: InstanceId, label: string): Promise<boolean> {
    for (;;) {
      const removed = await this.#registry.remove(instance, label);
      if (removed === undefined) return false;
      if (typeof removed === "number") {
        await this.#erase(instance, removed);
        return true;
      }
      await this.#writer.finish(instance, removed);
    }
  }

  async finishAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const instance of await this.#registry.unfinished())
      await this.finish(instance).catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }

  async finish(instance: InstanceId): Promise<void> {
    const { call, deleted } = await this.#registry.work(instance);
    if (call !== undefined) await this.#writer.finish(instance, call);
    for (const number of deleted) if (!this.#erasing.has(nameOf(instance, number))) await this.#erase(instance, number);
    await this.#registry.finished(instance);
  }

  async #erase(instance: InstanceId, number: number): Promise<void> {
    const name = nameOf(instance, number);
    this.#erasing.add(name);
    try {
      await this.#eraser.erase(instance, number);
    } finally {
      this.#erasing.delete(name);
    }
  }

  async labelNumbers(instance: InstanceId): Promise<ReadonlyMap<string, number>> {
    return this.#registry.names(instance);
  }

  async labels(instance: InstanceId): Promise<readonly LabelTotal[]> {
    const root = this.#keys.instance(instance);
    const [answer, stored, pending] = await readKeys(this.#redis, root, [
      NAMES_ASKED,
      ["HGETALL", inEpoch(LABEL_COUNTS)],
      ["GET", root + PENDING],
    ]);
    const { totals } = sumsOf(pendingLabels(pending));
    const flat = valuesAnswer.parse(stored);
    const counts = new Map<number, ReadonlyMap<number, number>>();
    for (let i = 0; i + 1 < flat.length; i += 2) counts.set(Number(flat[i]), unpackCounts(flat[i + 1] ?? NOTHING));
    const slot = labelMessagesSlot();
    return [...labelNames(answer)]
      .map(([label, number]) => ({
        label,
        messages: (counts.get(number)?.get(slot) ?? 0) + (totals.get(number)?.get(slot) ?? 0),
      }))
      .sort((a, b) => (a.label < b.label ? -1 : 1));
  }

  async eachLabelCount(instance: InstanceId, first: number, to: number, take: TakeLabelCount): Promise<void> {
    const root = this.#keys.instance(instance);
    const from = Math.max(first, firstKeptHour(Date.now() / 1000));
    const [answer] = await readKeys(this.#redis, root, [["HGETALL", inEpoch(LABEL_DAYS)]]);
    for (const days of inParts(
      numbersAnswer.parse(answer),
      Math.floor(from / HOURS_A_DAY),
      Math.floor(to / HOURS_A_DAY),
    ))
      await this.#readDays(root, days, (label, hour, slot, count) => {
        if (hour >= from && hour <= to) take(label, hour, slot, count);
      });
  }

  /** What is pending is read with each part, as it is at that moment. */
  async #readDays(root: string, days: readonly number[], take: TakeLabelCount): Promise<void> {
    const [answer, pending, ...stored] = await readKeys(this.#redis, root, [
      NAMES_ASKED,
      ["GET", root + PENDING],
      ...days.map((day): KeyCommand => ["HGETALL", inEpoch(LABEL_HOURS + String(day))]),
    ]);
    const names = new Map([...labelNames(answer)].map(([name, number]) => [number, name]));
    stored.forEach((fields, i) => {
      const flat = valuesAnswer.parse(fields);
      for (let at = 0; at + 1 < flat.length; at += 2) {
        const { label, hour } = readLabelHourField(flat[at] ?? NOTHING, days[i] ?? 0);
        const name = names.get(label);
        if (name === undefined) continue;
        for (const [slot, count] of unpackCounts(flat[at + 1] ?? NOTHING)) take(name, hour, slot, count);
      }
    });
    const read = new Set(days);
    for (const [time, counts] of sumsOf(pendingLabels(pending)).hours) {
      const [name, hour] = [names.get(labelOf(time)), hourOfLabel(time)];
      if (name === undefined || !read.has(Math.floor(hour / HOURS_A_DAY))) continue;
      for (const [slot, by] of counts) take(name, hour, slot, by);
    }
  }
}

const NOTHING = Buffer.alloc(0);

function nameOf(instance: InstanceId, number: number): string {
  return `${instance} ${String(number)}`;
}

function pendingLabels(answer: Parameters<typeof valueAnswer.parse>[0]): ReadonlyMap<number, number> {
  return sumPending(valueAnswer.parse(answer) ?? NOTHING).labels;
}

/** Days in parts that are read at a time. @param hours that there are, by day @param first and last, both included */
function inParts(hours: ReadonlyMap<number, number>, first: number, last: number): readonly (readonly number[])[] {
  const parts: number[][] = [[]];
  let size = 0;
  for (let day = first; day <= last; day++) {
    const more = 1 + (hours.get(day) ?? 0);
    if (size > 0 && size + more > HOURS_A_CALL) {
      parts.push([]);
      size = 0;
    }
    size += more;
    parts.at(-1)?.push(day);
  }
  return parts;
}
