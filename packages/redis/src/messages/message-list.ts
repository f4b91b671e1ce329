import {
  contentTypeCode,
  InvalidCursorError,
  isWithin,
  MESSAGE_TYPES,
  ORIGINS,
  statusCode,
  statusesOf,
  TYPE_CODE_UNKNOWN,
  type InstanceId,
  type MessageFilter,
  type MessagePage,
  type MessageQuery,
  type MessageRecord,
} from "@ticktally/core";
import { countAnswer, fieldsAnswer, valuesAnswer } from "@ticktally/schemas";
import type { RecordReader } from "../commit/record-reader.ts";
import { NOT_STORED } from "../records/stored.ts";
import type { RedisClient } from "../connection/connection.ts";
import { unpackPeriods } from "../instances/instance-epoch.ts";
import { inEpoch, readKeys, type KeyCommand } from "../connection/key-commands.ts";
import { INSTANCE_KEYS, type Keys } from "../keys.ts";
import { hasExtra, hasLabels, RECORD_BYTES } from "../records/record-codec.ts";
import { fieldDirection } from "../records/record-field.ts";
import { recordOf } from "../records/stored-record.ts";

/** One page reads no more list entries than this, so a filter for a rare status costs Redis milliseconds per call and not minutes. */
const ENTRIES_A_PAGE = 20_000;
const ENTRIES_A_CALL = 500;
const DAYS_A_CALL = 500;
/** Nor many more bytes of recipients than this: 20,000 recipients take 6 MB in memory and 2 MB as JSON. */
const EXTRA_BYTES_A_PAGE = 512 * 1024;
const DAY_SECONDS = 86_400;

/** The position of an entry: the period, the day's list, and the place in it from 0; `undefined` for the last one. */
interface Place {
  readonly period: number;
  readonly day: number;
  readonly index: number | undefined;
}

/** Entries of one list from a place downwards. */
interface Arrivals {
  readonly place: Place & { readonly index: number };
  readonly fields: readonly Buffer[];
}

/**
 * Lists an instance's messages, newest first by when they were first seen. Lists of arrivals only grow at their end, so positions are
 * stable. A record that moved to a later period is in that period's lists too, and is skipped in the older ones.
 */
export class MessageList {
  readonly #redis: RedisClient;
  readonly #keys: Keys;
  readonly #reader: Pick<RecordReader, "stored" | "values">;

  constructor(redis: RedisClient, keys: Keys, reader: Pick<RecordReader, "stored" | "values">) {
    this.#redis = redis;
    this.#keys = keys;
    this.#reader = reader;
  }

  /** @throws {InvalidCursorError} */
  async page(instance: InstanceId, { filter, limit, cursor }: MessageQuery): Promise<MessagePage> {
    const messages: MessageRecord[] = [];
    const fits = conditionOf(filter);
    const start = cursor === undefined ? undefined : placeOf(cursor);
    let [entries, extraBytes] = [0, 0];
    for await (const { place, fields } of this.#arrivals(this.#keys.instance(instance), start, firstDay(filter))) {
      const values = await this.#reader.values(instance, fields, place.period);
      let at = 0;
      while (at < fields.length && messages.length < limit && extraBytes < EXTRA_BYTES_A_PAGE) {
        const some: Found[] = [];
        for (; at < fields.length && some.length < limit - messages.length; at++) {
          const [field, value] = [fields[at], values[at]];
          if (field !== undefined && value !== undefined && fits(field, value)) some.push({ at, field, value });
        }
        const read = await this.#withExtras(instance, some);
        for (const { record, bytes } of read) {
          extraBytes += bytes;
          if (record !== undefined && isWithin(record, filter)) messages.push(record);
        }
        at = some[read.length]?.at ?? at;
      }
      entries += at;
      if (messages.length >= limit || extraBytes >= EXTRA_BYTES_A_PAGE || entries >= ENTRIES_A_PAGE)
        return { messages, nextCursor: cursorAfter(place, at) };
    }
    return { messages };
  }

  /** @returns the records, up to the first one that does not fit into the reply; `undefined` for one that has expired since */
  async #withExtras(instance: InstanceId, found: readonly Found[]) {
    const fields = found.filter(({ value }) => hasExtra(value)).map(({ field }) => field);
    const stored = fields.length === 0 ? [] : await this.#reader.stored(instance, () => fields);
    // Empty if the instance was deleted meanwhile.
    const byField = new Map(stored.map((one) => [one.field, one.stored]));
    const records: { readonly record: MessageRecord | undefined; readonly bytes: number }[] = [];
    for (const { field, value } of found) {
      const one = hasExtra(value) ? (byField.has(field) ? byField.get(field) : NOT_STORED) : { value };
      if (one === undefined) break;
      const bytes = "extra" in one ? (one.extra?.length ?? 0) : 0;
      records.push({ record: one.value.length === 0 ? undefined : recordOf(field, one), bytes });
    }
    return records;
  }

  /** Newest first. @param from the first position; `undefined` for the newest of all @param firstDay the last list to read */
  async *#arrivals(root: string, from: Place | undefined, firstDay: number): AsyncGenerator<Arrivals> {
    const [meta, time] = await readKeys(this.#redis, root, [["HMGET", root + INSTANCE_KEYS.META, "periods"], ["TIME"]]);
    const [packed] = fieldsAnswer.parse(meta);
    const [now = 0] = valuesAnswer.parse(time).map(Number);
    const today = Math.floor(now / DAY_SECONDS);
    let start = from;
    for (const { number, opened, expires } of unpackPeriods(packed ?? Buffer.alloc(0))) {
      if (expires <= now || (start !== undefined && start.period !== number)) continue;
      // A client can invent a cursor of any day; each day costs a command.
      const first = Math.min(start?.day ?? today, today);
      const last = Math.max(firstDay, Math.floor(opened / DAY_SECONDS));
      for (let top = first; top >= last; top -= DAYS_A_CALL) {
        const days = Array.from({ length: Math.min(DAYS_A_CALL, top - last + 1) }, (_, i) => top - i);
        const lengths = await readKeys(
          this.#redis,
          root,
          days.map((day): KeyCommand => ["LLEN", listOf(number, day)]),
        );
        for (const [i, day] of days.entries()) {
          const end = countAnswer.parse(lengths[i]) - 1;
          const index = day === start?.day ? Math.min(start.index ?? end, end) : end;
          yield* this.#list(root, { period: number, day, index });
        }
      }
      start = undefined;
    }
  }

  async *#list(root: string, { period, day, index }: Arrivals["place"]): AsyncGenerator<Arrivals> {
    for (let last = index; last >= 0; last -= ENTRIES_A_CALL) {
      const first = Math.max(0, last - ENTRIES_A_CALL + 1);
      const [answer] = await readKeys(this.#redis, root, [["LRANGE", listOf(period, day), first, last]]);
      const fields = valuesAnswer.parse(answer).toReversed();
      if (fields.length < last - first + 1) return;
      yield { place: { period, day, index: last }, fields };
    }
  }
}

interface Found {
  /** Index among the entries that were read. */
  readonly at: number;
  readonly field: Buffer;
  readonly value: Buffer;
}

function listOf(period: number, day: number): string {
  return inEpoch(`${INSTANCE_KEYS.ARRIVALS + String(period)}:${String(day)}`);
}

function cursorAfter({ period, day, index }: Arrivals["place"], entries: number): string {
  const next = index - entries;
  return (next >= 0 ? [period, day, next] : [period, day - 1, ""]).join(".");
}

/** @throws {InvalidCursorError} */
function placeOf(cursor: string): Place {
  const [, period, day, index] = /^(\d{1,5})\.(\d{1,6})\.(\d{0,10})$/.exec(cursor) ?? [];
  if (period === undefined || day === undefined || index === undefined) {
    throw new InvalidCursorError("this cursor did not come from a list of messages");
  }
  return { period: Number(period), day: Number(day), index: index === "" ? undefined : Number(index) };
}

/** A message is never dated more than a day after it was first seen (see core's eventTime), so older lists contain no match. */
function firstDay({ from }: MessageFilter): number {
  return from === undefined ? 0 : Math.max(0, Math.floor(from / DAY_SECONDS) - 1);
}

/** Checks a packed record without unpacking it. Only outgoing messages have a status and an origin; actions are not messages. */
function conditionOf(filter: MessageFilter): (field: Buffer, value: Buffer) => boolean {
  const { direction, origin, label } = filter;
  const statuses = statusesOf(filter);
  const typeCode = filter.type === undefined ? undefined : contentTypeCode(filter.type);
  const isOutgoing = statuses !== undefined || origin !== undefined;
  const codes = statuses === undefined ? undefined : new Set(statuses.map(statusCode));
  const originCode = origin === undefined ? undefined : ORIGINS.indexOf(origin);
  return (field, value) => {
    const type = value[RECORD_BYTES.TYPE] ?? TYPE_CODE_UNKNOWN;
    if (type >= MESSAGE_TYPES.length && type !== TYPE_CODE_UNKNOWN) return false;
    if (typeCode !== undefined && type !== typeCode) return false;
    if (label !== undefined && !hasLabels(value)) return false;
    const own = fieldDirection(field);
    if ((direction !== undefined && own !== direction) || (isOutgoing && own !== "outgoing")) return false;
    if (codes?.has(value[RECORD_BYTES.STATUS] ?? -1) === false) return false;
    return originCode === undefined || value[RECORD_BYTES.ORIGIN] === originCode;
  };
}
