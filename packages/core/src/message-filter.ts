import { lastEventTime, messageTime, type MessageRecord } from "./message-record.ts";
import type { MessageFilter } from "./ports.ts";

/** Whether a message's times fit a filter; its other conditions are for a store to look at, before it reads the whole record. */
export function isWithin(record: MessageRecord, { from, to, unchangedSince, label }: MessageFilter): boolean {
  if (label !== undefined && !record.labels.includes(label)) return false;
  const at = messageTime(record);
  if (at < (from ?? -Infinity) || at >= (to ?? Infinity)) return false;
  return unchangedSince === undefined || lastEventTime(record) <= unchangedSince;
}
