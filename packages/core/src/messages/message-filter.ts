import { lastEventTime, messageTime, type MessageRecord } from "./message-record.ts";
import type { Direction, Origin } from "./message-event.ts";
import type { MessageStatus } from "./message-status.ts";

/** Which messages a list holds; a condition that is not given lets all through. */
export interface MessageFilter {
  readonly direction?: Direction;
  /** Where an outgoing message stands now. */
  readonly statuses?: readonly MessageStatus[];
  readonly origin?: Origin;
  /** The message's own time (see `messageTime`), Unix seconds; `from` included, `to` not. */
  readonly from?: number;
  readonly to?: number;
  /** The number of a label that it has. */
  readonly label?: number;
  /** Nothing new was told of it since this moment, Unix seconds. */
  readonly unchangedSince?: number;
}

/** Whether a message's times fit a filter; its other conditions are for a store to look at, before it reads the whole record. */
export function isWithin(record: MessageRecord, { from, to, unchangedSince, label }: MessageFilter): boolean {
  if (label !== undefined && !record.labels.includes(label)) return false;
  const at = messageTime(record);
  if (at < (from ?? -Infinity) || at >= (to ?? Infinity)) return false;
  return unchangedSince === undefined || lastEventTime(record) <= unchangedSince;
}
