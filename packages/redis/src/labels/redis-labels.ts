import {
  labelMessagesSlot,
  type InstanceId,
  type LabelledId,
  type Labelling,
  type LabelStore,
  type LabelTotal,
  type TakeLabelCount,
} from "@ticktally/core";
import { valueAnswer, valuesAnswer } from "@ticktally/schemas";
import type { BatchCommitter } from "../commit/batch-committer.ts";
import type { InstanceBases } from "../instances/instance-basis.ts";
import type { RecordReader } from "../commit/record-reader.ts";
import type { RedisClient } from "../connection/connection.ts";
import { inEpoch, readKeys } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { sumPending } from "../records/pending-codec.ts";
import { unpackCounts } from "../counters/label-codec.ts";
import { LabelEraser } from "./label-eraser.ts";
import { readLabelHours } from "./label-hours.ts";
import { labelNames, LabelRegistry, NAMES_ASKED } from "./label-registry.ts";
import { sumsOf } from "../counters/label-sums.ts";
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

const { LABEL_COUNTS, PENDING } = INSTANCE_KEYS;

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
    const followUp = (instance: InstanceId, outcome: string) => {
      committer.followUp(instance, outcome);
    };
    this.#writer = new LabelWriter({ redis, keys, bases, reader, registry, retentionDays, admit, followUp });
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

  async eachLabelCount(instance: InstanceId, from: number, to: number, take: TakeLabelCount): Promise<void> {
    await readLabelHours({ redis: this.#redis, keys: this.#keys, instance }, [from, to], take);
  }
}

const NOTHING = Buffer.alloc(0);

function nameOf(instance: InstanceId, number: number): string {
  return `${instance} ${String(number)}`;
}

function pendingLabels(answer: Parameters<typeof valueAnswer.parse>[0]): ReadonlyMap<number, number> {
  return sumPending(valueAnswer.parse(answer) ?? NOTHING).labels;
}
