import type { Direction } from "@ticktally/core";
import { JsonElements } from "./json/json-elements.ts";
import type { PseudonymSource } from "./pseudonyms.ts";
import type { GatewayUpstream, JournalEntry, RecipientStatus } from "./upstream.ts";

/** Anything longer is not a journal: gateways keep the last 10,000 messages. */
export const JOURNAL_ENTRIES_MAX = 10_000;
/** Size of an entry with its thumbnail. */
const ENTRY_BYTES_MAX = 1024 * 1024;
/** An entry with a thousand recipients. */
const RECIPIENTS_BYTES_MAX = 64 * 1024;

export interface Sifted<Element> {
  readonly read: readonly Element[];
  /** Elements of another shape. */
  readonly unread: number;
  /** There were more entries than allowed; the rest was not read. */
  readonly isCut: boolean;
}

interface SiftOptions {
  /** Called between elements to yield to other work. */
  readonly pause: () => Promise<void> | undefined;
}

interface JournalOptions extends SiftOptions {
  /** Also take `{"messages": […]}`. */
  readonly isUpload?: boolean;
  readonly direction?: Direction | undefined;
  readonly pseudonyms: PseudonymSource | undefined;
}

/**
 * Read a journal as it arrives. An element of an unknown shape does not affect the others.
 * @throws {NoListError}
 * @throws {SyntaxError} if it is not JSON
 */
export async function siftJournal(
  { journals }: Pick<GatewayUpstream, "journals">,
  pieces: AsyncIterable<Uint8Array>,
  { isUpload = false, direction, pseudonyms, pause }: JournalOptions,
): Promise<Sifted<JournalEntry>> {
  const limits = { elementBytesMax: ENTRY_BYTES_MAX, ...(isUpload ? { field: "messages" } : {}) };
  return sifted(pieces, limits, pause, (text) => journals.entryOf(journals.parse(text), { direction, pseudonyms }));
}

/** As {@link siftJournal}, for the statuses of a message's recipients. */
export async function siftRecipients(
  { recipients }: Pick<GatewayUpstream, "recipients">,
  pieces: AsyncIterable<Uint8Array>,
  { pause }: SiftOptions,
): Promise<Sifted<RecipientStatus>> {
  return sifted(pieces, { elementBytesMax: RECIPIENTS_BYTES_MAX }, pause, (text) => recipients.statusOf(text));
}

async function sifted<Element>(
  pieces: AsyncIterable<Uint8Array>,
  limits: { readonly elementBytesMax: number; readonly field?: string },
  pause: SiftOptions["pause"],
  elementOf: (text: string) => Element | undefined,
): Promise<Sifted<Element>> {
  const elements = new JsonElements({ ...limits, elementsMax: JOURNAL_ENTRIES_MAX });
  const read: Element[] = [];
  for await (const piece of pieces) {
    for (const text of elements.take(piece)) {
      const element = text === undefined ? undefined : elementOf(text);
      if (element !== undefined) read.push(element);
      await pause();
    }
    if (elements.isFull) return { read, unread: elements.count - 1 - read.length, isCut: true };
    await pause();
  }
  elements.end();
  return { read, unread: elements.count - read.length, isCut: false };
}
