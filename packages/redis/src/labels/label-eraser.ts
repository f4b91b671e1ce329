import { withoutLabel, type InstanceId, type MessageRecord } from "@ticktally/core";
import { fieldsAnswer, numbersAnswer } from "@ticktally/schemas";
import type { BatchCommitter } from "../commit/batch-committer.ts";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, inEpoch, readKeys } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { hasLabels } from "../records/record-codec.ts";
import { recordsUnder } from "../records/stored-records.ts";
import { HOURS_A_DAY, labelHourField } from "./label-codec.ts";
import type { LabelRegistry } from "./label-registry.ts";

export interface LabelEraserDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly registry: Pick<LabelRegistry, "remove">;
  readonly committer: Pick<BatchCommitter, "change">;
}

const { LABEL_DAYS, LABEL_HOURS } = INSTANCE_KEYS;

/**
 * Deletes labels. At once the name has no number and no counts; then its hours are deleted, and its number is taken out of the records. Where
 * that is interrupted, what is left is read by no process.
 */
export class LabelEraser {
  readonly #deps: LabelEraserDeps;

  constructor(deps: LabelEraserDeps) {
    this.#deps = deps;
  }

  /** @returns whether there was such a label */
  async delete(instance: InstanceId, label: string): Promise<boolean> {
    const { redis, keys, registry, committer } = this.#deps;
    const number = await registry.remove(instance, label);
    if (number === undefined) return false;
    const root = keys.instance(instance);
    await this.#deleteHours(root, number);
    for await (const records of recordsUnder(redis, root)) {
      const fields = records.filter(([, value]) => hasLabels(value)).map(([field]) => field);
      if (fields.length > 0) await committer.change(instance, fields, (record) => takeFrom(record, number));
    }
    return true;
  }

  async #deleteHours(root: string, number: number): Promise<void> {
    const { redis } = this.#deps;
    const [answer] = await readKeys(redis, root, [["HGETALL", inEpoch(LABEL_DAYS)]]);
    const hours = Array.from({ length: HOURS_A_DAY }, (_, hour) => labelHourField(number, hour));
    for (const day of numbersAnswer.parse(answer).keys()) {
      const key = inEpoch(LABEL_HOURS + String(day));
      await changeKeys(redis, root, [["HMGET", key, ...hours]], ([stored]) => {
        const found = fieldsAnswer.parse(stored).filter((value) => value !== undefined).length;
        if (found === 0) return { commands: [], outcome: undefined };
        return {
          commands: [
            ["HDEL", key, ...hours],
            ["HINCRBY", inEpoch(LABEL_DAYS), day, -found],
          ],
          outcome: undefined,
        };
      });
    }
  }
}

function takeFrom(record: MessageRecord, label: number): true | undefined {
  const labels = withoutLabel(record.labels, label);
  if (labels === record.labels) return undefined;
  record.labels = labels;
  return true;
}
