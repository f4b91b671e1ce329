import { randomUUID } from "node:crypto";
import { LABEL_NUMBER_MAX, LABELS_MAX, type InstanceId } from "@ticktally/core";
import { fieldsAnswer, valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import { InstanceBasis } from "../instances/instance-basis.ts";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, inEpoch, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { storeError } from "../connection/store-error.ts";
import { LAYOUT } from "../instances/instance-epoch.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { NO_COUNTS } from "../counters/label-codec.ts";
import {
  beginCall,
  beginDeletion,
  endCall,
  endDeletion,
  isUnfinished,
  labelWork,
  WORK_ASKED,
  type LabelCall,
  type LabelWork,
} from "./label-work.ts";

const { LABELS, LABEL_COUNTS, META } = INSTANCE_KEYS;
/** The field of LABELS with the last assigned number. No label has this name. */
const LAST = "";

/** Which labels an instance has, and their numbers. */
export class LabelRegistry {
  readonly #redis: RedisClient;
  readonly #keys: Keys;

  constructor(redis: RedisClient, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** @returns name → number */
  async names(instance: InstanceId): Promise<ReadonlyMap<string, number>> {
    const root = this.#keys.instance(instance);
    const [answer] = await readKeys(this.#redis, root, [NAMES_ASKED]);
    return labelNames(answer);
  }

  /**
   * Begin to label: from then on it will be completed, whatever happens. The label is created if it does not exist.
   * @param calls and basis as they were when all checks passed
   * @returns `undefined` if other work was begun since then
   */
  async begin(
    instance: InstanceId,
    label: string,
    given: Pick<LabelCall, "day" | "ids">,
    { calls, basis }: { readonly calls: number; readonly basis: Pick<InstanceBasis, "text" | "newEpoch"> },
  ): Promise<LabelCall | "too_many_labels" | undefined> {
    const root = this.#keys.instance(instance);
    const asked: readonly KeyCommand[] = [NAMES_ASKED, WORK_ASKED, basisAsked(root)];
    const id = randomUUID();
    await this.#remember(instance);
    const begun = await changeKeys<LabelCall | "too_many_labels" | undefined>(
      this.#redis,
      root,
      asked,
      ([answer, work, meta]) => {
        const present = labelWork(work);
        if (present.call !== undefined || present.calls !== calls || basisText(meta) !== basis.text)
          return { commands: [], outcome: undefined };
        const names = labelNames(answer);
        const known = names.get(label);
        const number = known ?? lastNumber(answer) + 1;
        if (known === undefined && (names.size >= LABELS_MAX || number > LABEL_NUMBER_MAX))
          return { commands: [], outcome: "too_many_labels" };
        const outcome = { ...given, id, label: number };
        const commands: KeyCommand[] = [beginCall(outcome, calls)];
        if (known === undefined)
          commands.push(
            ["HSET", inEpoch(LABELS), LAST, number, label, number],
            ["HSET", inEpoch(LABEL_COUNTS), number, NO_COUNTS],
          );
        // To know for each commit whether it comes after the deletion of the instance.
        if (basis.newEpoch !== undefined)
          commands.push(["HSET", root + META, "epoch", Buffer.from(basis.newEpoch, "latin1"), "head", LAYOUT]);
        // An instance without data may be about to expire: see the eraser.
        commands.push(["PERSIST", root + META]);
        return { commands, outcome };
      },
    );
    // Again, in case it was read in between.
    if (typeof begun === "object") await this.#remember(instance);
    return begun;
  }

  /** Mark a call as finished. */
  async end(instance: InstanceId, { id }: LabelCall): Promise<void> {
    const root = this.#keys.instance(instance);
    await changeKeys(this.#redis, root, [WORK_ASKED], ([work]) => ({
      commands: labelWork(work).call?.id === id ? [endCall()] : [],
      outcome: undefined,
    }));
  }

  /** @returns the instance's basis while a call is in progress; `undefined` once it is finished or the instance is deleted */
  async basisOf(instance: InstanceId, { id }: LabelCall): Promise<InstanceBasis | undefined> {
    const root = this.#keys.instance(instance);
    const [work, meta] = await readKeys(this.#redis, root, [WORK_ASKED, basisAsked(root)]);
    return labelWork(work).call?.id === id ? new InstanceBasis(basisText(meta), undefined) : undefined;
  }

  /** Forget a label and its counts in total. @returns the number it had; `undefined` for none; or the call to finish first */
  async remove(instance: InstanceId, label: string): Promise<number | LabelCall | undefined> {
    const root = this.#keys.instance(instance);
    await this.#remember(instance);
    const removed = await changeKeys<number | LabelCall | undefined>(
      this.#redis,
      root,
      [NAMES_ASKED, WORK_ASKED],
      ([answer, work]) => {
        const { call } = labelWork(work);
        if (call !== undefined) return { commands: [], outcome: call };
        const number = labelNames(answer).get(label);
        if (number === undefined) return { commands: [], outcome: undefined };
        const commands: KeyCommand[] = [
          ["HDEL", inEpoch(LABELS), label],
          ["HDEL", inEpoch(LABEL_COUNTS), number],
          beginDeletion(number),
          // Past hours have other counts now.
          ["HINCRBY", root + META, "pastVersion", 1],
        ];
        return { commands, outcome: number };
      },
    );
    if (removed !== undefined) await this.#remember(instance);
    return removed;
  }

  /** Mark a label as erased. */
  async removed(instance: InstanceId, number: number): Promise<void> {
    const root = this.#keys.instance(instance);
    await changeKeys(this.#redis, root, [WORK_ASKED], ([work]) => ({
      commands: labelWork(work).deleted.includes(number) ? [endDeletion(number)] : [],
      outcome: undefined,
    }));
  }

  /** The unfinished work. */
  async work(instance: InstanceId): Promise<LabelWork> {
    const [answer] = await readKeys(this.#redis, this.#keys.instance(instance), [WORK_ASKED]);
    return labelWork(answer);
  }

  /** Instances of which something may be unfinished. */
  async unfinished(): Promise<readonly InstanceId[]> {
    return this.#redis.smembers(this.#keys.labelsUnfinished).catch(storeError);
  }

  /** Mark an instance as finished, if nothing is left to do. */
  async finished(instance: InstanceId): Promise<void> {
    await this.#redis.srem(this.#keys.labelsUnfinished, instance).catch(storeError);
    if (isUnfinished(await this.work(instance))) await this.#remember(instance);
  }

  async #remember(instance: InstanceId): Promise<void> {
    await this.#redis.sadd(this.#keys.labelsUnfinished, instance).catch(storeError);
  }
}

export const NAMES_ASKED: KeyCommand = ["HGETALL", inEpoch(LABELS)];

/** @param answer to {@link NAMES_ASKED} @returns name → number */
export function labelNames(answer: PackedAnswer | undefined): ReadonlyMap<string, number> {
  const names = new Map(pairs(answer));
  names.delete(LAST);
  return names;
}

function basisAsked(root: string): KeyCommand {
  return ["HMGET", root + META, "epoch", "ignoreGroups"];
}

/** As `InstanceBasis` has it. @param answer to {@link basisAsked} */
function basisText(answer: PackedAnswer | undefined): string {
  return fieldsAnswer
    .parse(answer)
    .map((field) => field?.toString("latin1") ?? "")
    .join("");
}

function lastNumber(answer: PackedAnswer | undefined): number {
  return new Map(pairs(answer)).get(LAST) ?? 0;
}

function pairs(answer: PackedAnswer | undefined): readonly (readonly [string, number])[] {
  const flat = valuesAnswer.parse(answer);
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name.toString(), Number(flat[i + 1])] as const] : []));
}
