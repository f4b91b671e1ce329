import { decode, encode } from "@msgpack/msgpack";
import { packedEpoch } from "@ticktally/schemas";
import { COUNT_KEYS, DAYS_A_KEY, INSTANCE_KEYS } from "../keys.ts";
import { KIND_KEYS } from "../records/chat-codec.ts";

/** A span of time whose records are stored together and expire together, see `lua/periods.lua`. Unix seconds. */
export interface RetentionPeriod {
  readonly number: number;
  readonly opened: number;
  readonly expires: number;
  readonly buckets: number;
  readonly records: number;
}

/** Identifies the keys that an instance has between two times that it was forgotten. */
export interface InstanceEpoch {
  /** The prefix of its keys: "" or a number and ":". */
  readonly epoch: string;
  /** PERIODS and SUMMARY of META; empty before the first message. */
  readonly periods: Buffer;
  readonly summary: Buffer;
}

/** Format as an entry of FORGOTTEN. */
export function packEpoch({ epoch, periods, summary }: InstanceEpoch): Buffer {
  return Buffer.from(encode([epoch, periods, summary]));
}

export function unpackEpoch(entry: Buffer): InstanceEpoch {
  const [epoch, periods, summary] = packedEpoch
    .parse(decode(entry, { rawStrings: true }))
    .map((part) => Buffer.from(part));
  return { epoch: epoch?.toString("latin1") ?? "", periods: periods ?? NOTHING, summary: summary ?? NOTHING };
}

/** The contents of META's summary, in Unix seconds; empty before the first event. */
export interface InstanceTimes {
  readonly first?: number;
  readonly last?: number;
  readonly lastReceipt?: number;
}

export function instanceTimes(summary: Buffer | null | undefined): InstanceTimes {
  if (summary == null || summary.length < SUMMARY_BYTES) return {};
  const [first, last, lastReceipt] = [summary.readUInt32BE(0), summary.readUInt32BE(4), summary.readUInt32BE(8)];
  return {
    ...(first === NO_TIME ? {} : { first }),
    ...(last === 0 && first === NO_TIME ? {} : { last: Math.max(last, first) }),
    ...(lastReceipt === 0 ? {} : { lastReceipt }),
  };
}

/** Older versions expect a longer value in META's field `head`, so this one stops them. */
export const LAYOUT = "2";

export const SUMMARY_FORMAT = ">I4I4I4";
export const NO_TIME = 0xffffffff;
const SUMMARY_BYTES = 12;
const PERIOD_BYTES = 18;
const NOTHING = Buffer.alloc(0);
const DAY = 86_400;

export function packPeriods(periods: readonly RetentionPeriod[]): Buffer {
  const packed = Buffer.alloc(PERIOD_BYTES * periods.length);
  periods.forEach(({ number, opened, expires, buckets, records }, i) => {
    let end = packed.writeUInt16BE(number, PERIOD_BYTES * i);
    for (const value of [opened, expires, buckets, records]) end = packed.writeUInt32BE(value, end);
  });
  return packed;
}

export function unpackPeriods(packed: Buffer): readonly RetentionPeriod[] {
  return Array.from({ length: Math.floor(packed.length / PERIOD_BYTES) }, (_, i) => {
    const at = (place: number) => packed.readUInt32BE(PERIOD_BYTES * i + 2 + 4 * place);
    return {
      number: packed.readUInt16BE(PERIOD_BYTES * i),
      opened: at(0),
      expires: at(1),
      buckets: at(2),
      records: at(3),
    };
  });
}

/** Every key that an epoch can have, except META, COUNTS and RETRACTED, without the instance's prefix and the epoch. */
export function* keysOfEpoch({ periods, summary }: Omit<InstanceEpoch, "epoch">): Iterable<string> {
  yield INSTANCE_KEYS.FAILED;
  const { LABELS, LABEL_COUNTS, LABEL_DAYS, LABEL_WAITING, LABEL_WORK } = INSTANCE_KEYS;
  yield* [LABELS, LABEL_COUNTS, LABEL_DAYS, LABEL_WAITING, LABEL_WORK];
  for (const kind of KIND_KEYS) yield* [INSTANCE_KEYS.CHATS + kind, `${INSTANCE_KEYS.CHATS + kind}~`];
  let latest = 0;
  for (const { number, opened, expires, buckets } of unpackPeriods(periods)) {
    const name = String(number);
    yield INSTANCE_KEYS.EXTRAS + name;
    for (let bucket = 0; bucket < buckets; bucket++) yield `${INSTANCE_KEYS.MESSAGES + name}:${String(bucket)}`;
    for (let day = Math.floor(opened / DAY); day <= Math.floor(expires / DAY); day++)
      yield `${INSTANCE_KEYS.ARRIVALS + name}:${String(day)}`;
    latest = Math.max(latest, expires);
  }
  const { first } = instanceTimes(summary);
  if (first === undefined) return;
  // Events may be dated up to a day ahead, and none is written after the last period's end.
  const [firstHour, lastHour] = [Math.floor(first / 3600), Math.floor((latest + 2 * DAY) / 3600)];
  for (const [source, { prefix, timesAKey }] of Object.entries(COUNT_KEYS)) {
    const hoursAKey = timesAKey * (source === "latencies" ? 24 : 1);
    for (let key = Math.floor(firstHour / hoursAKey); key <= lastHour / hoursAKey; key++) yield prefix + String(key);
  }
  for (let day = Math.floor(firstHour / 24); day <= lastHour / 24; day++) yield INSTANCE_KEYS.LABEL_HOURS + String(day);
  for (let key = Math.floor(firstHour / 24 / DAYS_A_KEY); key <= lastHour / 24 / DAYS_A_KEY; key++)
    yield INSTANCE_KEYS.DAYS + String(key);
}
