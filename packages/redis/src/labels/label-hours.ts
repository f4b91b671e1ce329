import { firstKeptHour, hourOfLabel, labelOf, type InstanceId, type TakeLabelCount } from "@ticktally/core";
import { countsReply, numbersAnswer } from "@ticktally/schemas";
import { readable } from "../records/readable.ts";
import type { RedisClient } from "../connection/connection.ts";
import { inEpoch, readKeys } from "../connection/key-commands.ts";
import { storeError } from "../connection/store-error.ts";
import { HashStrings } from "../counters/hash-strings.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { sumPending } from "../records/pending-codec.ts";
import { eachPackedCount, HOURS_A_DAY, hourOfField, labelOfField } from "../counters/label-codec.ts";
import { labelNames, NAMES_ASKED } from "./label-registry.ts";
import { sumsOf } from "../counters/label-sums.ts";

const { LABEL_DAYS, LABEL_HOURS } = INSTANCE_KEYS;
/** Hours of labels that are read at a time: Redis does nothing else for a few milliseconds. */
const HOURS_A_CALL = 5_000;

/** Hand over the counts of an instance's labels, from one hour to another, both included. @throws {StoreRejectedError} they are damaged */
export async function readLabelHours(
  { redis, keys, instance }: { readonly redis: RedisClient; readonly keys: Keys; readonly instance: InstanceId },
  [first, to]: readonly [number, number],
  take: TakeLabelCount,
): Promise<void> {
  const root = keys.instance(instance);
  const from = Math.max(first, firstKeptHour(Date.now() / 1000));
  const [answer, hours] = await readKeys(redis, root, [NAMES_ASKED, ["HGETALL", inEpoch(LABEL_DAYS)]]);
  const names = new Map([...labelNames(answer)].map(([name, number]) => [number, name]));
  if (names.size === 0) return;
  const days = [Math.floor(from / HOURS_A_DAY), Math.floor(to / HOURS_A_DAY)] as const;
  for (const [firstDay, lastDay] of inParts(numbersAnswer.parse(hours), days)) {
    const reply = await redis.readCountsBuffer(root, LABEL_HOURS, firstDay, lastDay).catch(storeError);
    const [pending, stored] = countsReply.parse(reply);
    const hour = new LabelHour(
      names,
      Math.max(from, firstDay * HOURS_A_DAY),
      Math.min(to, (lastDay + 1) * HOURS_A_DAY - 1),
      take,
    );
    readable(instance, () => {
      stored.forEach((packed, i) => {
        const strings = new HashStrings(packed);
        while (strings.next()) {
          const isAsked = hour.moveTo(labelOfField(strings), hourOfField(strings, firstDay + i));
          strings.next();
          if (isAsked) eachPackedCount(strings, hour.take);
        }
      });
    });
    // What is pending is read with each part, as it is at that moment.
    for (const [time, counts] of sumsOf(sumPending(pending).labels).hours)
      if (hour.moveTo(labelOf(time), hourOfLabel(time))) for (const [slot, by] of counts) hour.take(slot, by);
  }
}

/** The hour of a label whose counts are read. One is moved from hour to hour, because a query reads millions. */
class LabelHour {
  readonly take: (slot: number, count: number) => void;
  readonly #names: ReadonlyMap<number, string>;
  readonly #from: number;
  readonly #to: number;
  #name = "";
  #hour = 0;

  /** @param names of labels by their numbers @param from and to: the hours that are asked for, both included */
  constructor(names: ReadonlyMap<number, string>, from: number, to: number, take: TakeLabelCount) {
    this.#names = names;
    this.#from = from;
    this.#to = to;
    this.take = (slot, count) => {
      take(this.#name, this.#hour, slot, count);
    };
  }

  /** @returns whether it is asked for, and its label has not been deleted */
  moveTo(label: number, hour: number): boolean {
    const name = this.#names.get(label);
    if (name === undefined || hour < this.#from || hour > this.#to) return false;
    this.#name = name;
    this.#hour = hour;
    return true;
  }
}

/** Days in parts that are read at a time: of each the first and the last. @param hours that there are, by day */
function inParts(
  hours: ReadonlyMap<number, number>,
  [first, last]: readonly [number, number],
): readonly [number, number][] {
  const parts: [number, number][] = [];
  let size = 0;
  for (let day = first; day <= last; day++) {
    const more = 1 + (hours.get(day) ?? 0);
    const part = parts.at(-1);
    if (part === undefined || size + more > HOURS_A_CALL) {
      parts.push([day, day]);
      size = more;
    } else {
      part[1] = day;
      size += more;
    }
  }
  return parts;
}
