import { cutValue } from "../json/cut-json.ts";
import { isRecord } from "../json/is-record.ts";
import type { PseudonymSource } from "../pseudonyms.ts";
import { bodyWith, foundIn, OBJECT, type Change } from "./changes.ts";
import { messageElement, messageWithPseudonyms, readMessage } from "./read-message.ts";
import { readStatus, statusElement, statusWithPseudonyms } from "./read-status.ts";

/** Replaces every text that no rule reads. */
const MASK = "***";
const COPY_BYTES_MAX = 2_048;

/** The queued form of one part: a body of Meta's shape with only this part, and only what is counted. */
export function withoutContent({ body }: { readonly body: unknown }, pseudonyms?: PseudonymSource): string {
  for (const found of foundIn(body))
    return JSON.stringify(
      found.kind === "unreadable" ? maskedCopy(found.body) : bodyWith(found, keptOf(found, pseudonyms)),
    );
  return "null";
}

function keptOf(found: Change, pseudonyms?: PseudonymSource): Record<string, unknown> {
  if (found.kind === "change") {
    const errors = isRecord(found.value) ? found.value["errors"] : undefined;
    // Only that there are errors: they name no message.
    return { errors: Array.isArray(errors) && errors.length > 0 ? [{}] : undefined };
  }
  const { list, element } = found;
  if (list === "statuses") {
    const read = readStatus(element, found.errors);
    return {
      [list]: [read && statusElement(pseudonyms === undefined ? read : statusWithPseudonyms(read, pseudonyms))],
    };
  }
  const read = readMessage(element, list);
  return {
    [list]: [read && messageElement(pseudonyms === undefined ? read : messageWithPseudonyms(read, pseudonyms), list)],
  };
}

/** A copy for people of a body that is not a change: its shape and its numbers. */
function maskedCopy(body: unknown): unknown {
  const copy = cutValue(body, COPY_BYTES_MAX, { text: (text) => (text === "" ? "" : MASK) });
  return isRecord(copy) && isRecord(body) && body["object"] === OBJECT ? { ...copy, object: OBJECT } : copy;
}
