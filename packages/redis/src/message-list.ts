import {
  DIRECTIONS,
  InvalidCursorError,
  isWithin,
  MESSAGE_TYPES,
  ORIGINS,
  statusCode,
  TYPE_CODE_UNKNOWN,
  type MessageFilter,
  type MessagePage,
  type MessageQuery,
  type MessageRecord,
} from "@ticktally/core";
import type { ListReply } from "@ticktally/schemas";
import { RECORD_BYTES } from "./records/record-codec.ts";
import { recordOf } from "./records/stored-record.ts";

/** From `lua/list-messages.lua`'s ARGV[1] on. */
export type ListArguments = readonly (string | number | Buffer)[];

/** One page reads no more list entries than this, so that a rare status costs Redis some milliseconds, not seconds. */
const ENTRIES_A_PAGE = 20_000;
const ENTRIES_A_CALL = 1_000;
/** Nor does it hold many more recipients than these bytes: 20,000 are 6 MB in memory and 2 MB as JSON. See `lua/list-messages.lua`. */
const EXTRA_BYTES_A_PAGE = 512 * 1024;
const DAY_SECONDS = 86_400;

type Place = readonly [number, number, number | ""];

/** Fill a page from as many script calls as it takes. @throws {InvalidCursorError} */
export async function listMessages(
  read: (args: ListArguments) => Promise<ListReply>,
  { filter, limit, cursor }: MessageQuery,
): Promise<MessagePage> {
  const messages: MessageRecord[] = [];
  let place: Place | undefined = cursor === undefined ? undefined : placeOf(cursor);
  let extraBytes = 0;
  for (let entries = 0; entries < ENTRIES_A_PAGE && messages.length < limit; entries += ENTRIES_A_CALL) {
    if (extraBytes >= EXTRA_BYTES_A_PAGE) break;
    const [found, next] = await read([
      ...(place ?? ["", "", ""]),
      firstDay(filter),
      limit - messages.length,
      ENTRIES_A_CALL,
      ...conditionsOf(filter),
    ]);
    const records = found.map(([field, value, extra]) => recordOf(field, { value, extra }));
    messages.push(...records.filter((record) => isWithin(record, filter)));
    extraBytes += found.reduce((sum, [, , extra]) => sum + extra.length, 0);
    if (next.length === 0) return { messages };
    const [period, day, index] = next;
    place = [period, day, typeof index === "number" ? index : ""];
  }
  return { messages, nextCursor: (place ?? []).join(".") };
}

/** @throws {InvalidCursorError} */
function placeOf(cursor: string): Place {
  const [, period, day, index] = /^(\d{1,5})\.(\d{1,6})\.(\d{0,10})$/.exec(cursor) ?? [];
  if (period === undefined || day === undefined || index === undefined) {
    throw new InvalidCursorError("this is no cursor that a list of messages gave");
  }
  return [Number(period), Number(day), index === "" ? "" : Number(index)];
}

/** A message is never dated more than a day after it was heard of (see core's eventTime), so older lists hold none that fits. */
function firstDay({ from }: MessageFilter): number {
  return from === undefined ? 0 : Math.max(0, Math.floor(from / DAY_SECONDS) - 1);
}

/** Where in a packed record a byte must be one of some. Status and origin are an outgoing message's; actions are no messages. */
function conditionsOf({ direction, statuses, origin }: MessageFilter): (number | Buffer)[] {
  const wanted = statuses === undefined && origin === undefined ? direction : "outgoing";
  return [
    RECORD_BYTES.TYPE + 1,
    Buffer.from([...MESSAGE_TYPES.keys(), TYPE_CODE_UNKNOWN]),
    ...(wanted === undefined ? [] : [0, Buffer.from([DIRECTIONS.indexOf(wanted)])]),
    ...(direction === "incoming" && wanted === "outgoing" ? [0, Buffer.from([DIRECTIONS.indexOf(direction)])] : []),
    ...(statuses === undefined ? [] : [RECORD_BYTES.STATUS + 1, Buffer.from(statuses.map(statusCode))]),
    ...(origin === undefined ? [] : [RECORD_BYTES.ORIGIN + 1, Buffer.from([ORIGINS.indexOf(origin)])]),
  ];
}
