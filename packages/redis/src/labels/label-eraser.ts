import { withoutLabel, type InstanceId, type MessageRecord } from "@ticktally/core";
import { fieldsAnswer, numbersAnswer } from "@ticktally/schemas";
import type { BatchCommitter } from "../commit/batch-committer.ts";
import type { RedisClient } from "../connection/connection.ts";
import { changeKeys, inEpoch, readKeys } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { hasLabels } from "../records/record-codec.ts";
import { recordsUnder } from "../instances/stored-records.ts";
import { HOURS_A_DAY, labelHourField } from "../counters/label-codec.ts";
import type { LabelRegistry } from "./label-registry.ts";

export interface LabelEraserDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly registry: Pick<LabelRegistry, "removed">;
  readonly committer: Pick<BatchCommitter, "change">;
}

const { LABEL_DAYS, LABEL_HOURS } = INSTANCE_KEYS;

/**
 * Removes deleted labels from counts and records. The list of these labels is stored until it is done, so another process can continue.
 */
export class LabelEraser {
  readonly #deps: LabelEraserDeps;

  constructor(deps: LabelEraserDeps) {
    this.#deps = deps;
  }

  /** @param number that no label has any more */
  async erase(instance: InstanceId, number: number): Promise<void> {
    const { redis, keys, registry, committer } = this.#deps;
    const root = keys.instance(instance);
    await this.#deleteHours(root, number);
    for await (const records of recordsUnder(redis, root)) {
      const fields = records.filter(([, value]) => hasLabels(value)).map(([field]) => field);
      if (fields.length > 0) await committer.change(instance, fields, (record) => takeFrom(record, number));
    }
    await registry.removed(instance, number);
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
