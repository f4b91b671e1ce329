import { z } from "zod";
import { parseAbridged, type KeptFields } from "./abridged-json.ts";
import { parseJsonText } from "./exact-json.ts";
import { chatId, idMessage, unixSeconds } from "./green-api-webhook.ts";
import { JsonElements } from "./json-elements.ts";

/** What the gateway answers when it is asked, read as leniently as its webhooks. */

/** One element of `lastOutgoingMessages` and `lastIncomingMessages`: what is counted of it. */
export const journalEntry = z.object({
  type: z.enum(["incoming", "outgoing"]),
  idMessage,
  /** Of an outgoing message the time of its last action. */
  timestamp: unixSeconds,
  typeMessage: z.string().max(128).nullish(),
  chatId,
  statusMessage: z.string().max(128).nullish(),
  sendByApi: z.boolean().nullish(),
});
export type JournalEntry = z.infer<typeof journalEntry>;

/** One element of `getStatusStatistic`. The documents call `participant` an array and show a text (seed 002). */
export const storyStatus = z.object({
  timestamp: unixSeconds,
  participant: z.union([
    z
      .string()
      .max(128)
      .transform((one) => [one]),
    z.array(z.string().max(128)).max(1000),
  ]),
  status: z.string().max(128),
});
export type StoryStatus = z.infer<typeof storyStatus>;

/** `receiveNotification`, when something waits. */
export const notification = z.object({
  receiptId: z.union([z.number().int(), z.string().regex(/^\d{1,20}$/)]).transform(String),
  body: z.unknown(),
});

/** `deleteNotification`: it says so in a 200 when it did not. */
export const notificationDeleted = z.object({ result: z.boolean() });

/** Gateways keep the last 10,000 messages; what says more is none of them. */
export const JOURNAL_ENTRIES_MAX = 10_000;
/** With its thumbnail. */
const ENTRY_BYTES_MAX = 1024 * 1024;
/** A thousand recipients in one. */
const STORY_STATUS_BYTES_MAX = 64 * 1024;
/** Longer ones hold thumbnails. */
const PARSED_CHARS_MAX = 2_048;

export interface Sifted<Element> {
  readonly read: readonly Element[];
  /** Elements of another shape. */
  readonly unread: number;
  /** There were more than may be; those are not read. */
  readonly isCut: boolean;
}

interface SiftOptions {
  /** Also take `{"messages": […]}`. */
  readonly isUpload?: boolean;
  /** Called between elements: lets others have their turn when it is time. */
  readonly pause: () => Promise<void> | undefined;
}

/**
 * Read a journal as it arrives. Elements of an odd shape take no others along.
 * @throws {NoListError} @throws {SyntaxError} it is not JSON
 */
export async function siftJournal(
  pieces: AsyncIterable<Uint8Array>,
  { isUpload = false, pause }: SiftOptions,
): Promise<Sifted<JournalEntry>> {
  const limits = { elementBytesMax: ENTRY_BYTES_MAX, ...(isUpload ? { field: "messages" } : {}) };
  return sifted(pieces, limits, pause, (text) => journalEntry.safeParse(entryOf(text)).data);
}

/** As {@link siftJournal}, of the statuses of a story. */
export async function siftStoryStatuses(
  pieces: AsyncIterable<Uint8Array>,
  { pause }: Pick<SiftOptions, "pause">,
): Promise<Sifted<StoryStatus>> {
  const limits = { elementBytesMax: STORY_STATUS_BYTES_MAX };
  return sifted(pieces, limits, pause, (text) => storyStatus.safeParse(parseJsonText(text)).data);
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

function entryOf(text: string): unknown {
  return text.length > PARSED_CHARS_MAX ? parseAbridged(text, ENTRY_FIELDS) : parseJsonText(text);
}

const ENTRY_FIELDS: KeptFields = Object.fromEntries(Object.keys(journalEntry.shape).map((name) => [name, undefined]));
