import { LABEL_NUMBER_MAX, LABELS_MAX, type InstanceId } from "@ticktally/core";
import { valuesAnswer, type PackedAnswer } from "@ticktally/schemas";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, inEpoch, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { NO_COUNTS } from "./label-codec.ts";

const { LABELS, LABEL_COUNTS, META } = INSTANCE_KEYS;
/** In LABELS, where names are: the last number that was given. No label is called so. */
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

  /** The number of a label, which is made if there is none. @returns `undefined` where there are too many */
  async numberOf(instance: InstanceId, label: string): Promise<number | undefined> {
    const root = this.#keys.instance(instance);
    return changeKeys(this.#redis, root, [NAMES_ASKED], ([answer]) => {
      const names = labelNames(answer);
      const known = names.get(label);
      const number = lastNumber(answer) + 1;
      if (known !== undefined) return { commands: [], outcome: known };
      if (names.size >= LABELS_MAX || number > LABEL_NUMBER_MAX) return { commands: [], outcome: undefined };
      const commands: KeyCommand[] = [
        ["HSET", inEpoch(LABELS), LAST, number, label, number],
        ["HSET", inEpoch(LABEL_COUNTS), number, NO_COUNTS],
      ];
      return { commands, outcome: number };
    });
  }

  /** Forget a label and its counts in total. @returns the number it had */
  async remove(instance: InstanceId, label: string): Promise<number | undefined> {
    const root = this.#keys.instance(instance);
    return changeKeys(this.#redis, root, [NAMES_ASKED], ([answer]) => {
      const number = labelNames(answer).get(label);
      if (number === undefined) return { commands: [], outcome: undefined };
      const commands: KeyCommand[] = [
        ["HDEL", inEpoch(LABELS), label],
        ["HDEL", inEpoch(LABEL_COUNTS), number],
        // Past hours have other counts now.
        ["HINCRBY", root + META, "pastVersion", 1],
      ];
      return { commands, outcome: number };
    });
  }
}

export const NAMES_ASKED: KeyCommand = ["HGETALL", inEpoch(LABELS)];

/** @param answer to {@link NAMES_ASKED} @returns name → number */
export function labelNames(answer: PackedAnswer | undefined): ReadonlyMap<string, number> {
  const names = new Map(pairs(answer));
  names.delete(LAST);
  return names;
}

function lastNumber(answer: PackedAnswer | undefined): number {
  return new Map(pairs(answer)).get(LAST) ?? 0;
}

function pairs(answer: PackedAnswer | undefined): readonly (readonly [string, number])[] {
  const flat = valuesAnswer.parse(answer);
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name.toString(), Number(flat[i + 1])] as const] : []));
}
