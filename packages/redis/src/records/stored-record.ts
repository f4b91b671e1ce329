import { newRecord, type MessageRecord } from "@ticktally/core";
import { readExtra } from "./extra-codec.ts";
import { readRecord } from "./record-codec.ts";
import { messageKey } from "./record-field.ts";

/**
 * Read a stored value into a record that was reset.
 * @param value empty for none
 * @returns the change number of its extras
 */
export function readStored(
  { value, extra }: { readonly value: Buffer; readonly extra?: Buffer | undefined },
  record: MessageRecord,
): number | undefined {
  if (value.length === 0) return undefined;
  const changes = readRecord(value, record);
  if (extra !== undefined && extra.length > 0) readExtra(extra, record);
  return changes;
}

/** A record as it is stored. @param value not empty @param extra `undefined` or empty for none */
export function recordOf(
  field: Buffer,
  { value, extra }: { readonly value: Buffer; readonly extra?: Buffer | undefined },
): MessageRecord {
  const { direction, idMessage } = messageKey(field);
  const record = newRecord(direction, idMessage);
  readStored({ value, extra }, record);
  return record;
}
