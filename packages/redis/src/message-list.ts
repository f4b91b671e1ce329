import {
  InvalidCursorError,
  isWithin,
  ORIGINS,
  stateCodesOf,
  type MessageFilter,
  type MessagePage,
  type MessageQuery,
  type MessageRecord,
} from "@ticktally/core";
import type { ListReply } from "@ticktally/schemas";
import { unpackRecord } from "./record-codec.ts";

/** From `lua/list-messages.lua`'s ARGV[3] on. */
export type ListArguments = readonly (string | number | Buffer)[];

/** One page reads no more list entries than this, so that a rare status costs Redis some milliseconds, not seconds. */
const ENTRIES_A_PAGE = 20_000;
const ENTRIES_A_CALL = 2_000;
const DAY_SECONDS = 86_400;

type Place = readonly [number, number, number | ""];

/** Fill a page from as many script calls as it takes. @throws {InvalidCursorError} */
export async function listMessages(
  read: (args: ListArguments) => Promise<ListReply>,
  { filter, limit, cursor }: MessageQuery,
): Promise<MessagePage> {
  const messages: MessageRecord[] = [];
  let place: Place | undefined = cursor === undefined ? undefined : placeOf(cursor);
  for (let entries = 0; entries < ENTRIES_A_PAGE && messages.length < limit; entries += ENTRIES_A_CALL) {
    const [found, next] = await read([
      ...(place ?? ["", "", ""]),
      firstDay(filter),
      limit - messages.length,
      ENTRIES_A_CALL,
      Buffer.from(filter.statuses === undefined ? [] : stateCodesOf(filter.statuses)),
      Buffer.from(filter.origin === undefined ? [] : [ORIGINS.indexOf(filter.origin)]),
      directionsOf(filter),
    ]);
    messages.push(...found.map(unpackRecord).filter((record) => isWithin(record, filter)));
    if (next.length === 0) return { messages };
    const [generation, day, index] = next;
    place = [generation, day, typeof index === "number" ? index : ""];
  }
  return { messages, nextCursor: (place ?? []).join(".") };
}

/** @throws {InvalidCursorError} */
function placeOf(cursor: string): Place {
  const [, generation, day, index] = /^(\d{1,9})\.(\d{1,6})\.(\d{0,10})$/.exec(cursor) ?? [];
  if (generation === undefined || day === undefined || index === undefined) {
    throw new InvalidCursorError("this is no cursor that a list of messages gave");
  }
  return [Number(generation), Number(day), index === "" ? "" : Number(index)];
}

/** A message is never dated more than a day after it was heard of (see core's eventTime), so older lists hold none that fits. */
function firstDay({ from }: MessageFilter): number {
  return from === undefined ? 0 : Math.max(0, Math.floor(from / DAY_SECONDS) - 1);
}

/** Status and origin are an outgoing message's. */
function directionsOf({ direction, statuses, origin }: MessageFilter): string {
  const wanted = direction === undefined ? "10" : direction === "outgoing" ? "1" : "0";
  return statuses === undefined && origin === undefined ? wanted : wanted.replace("0", "");
}
