import { z } from "zod";
import { chatId, idMessage, unixSeconds } from "./green-api-webhook.ts";

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

export interface Sifted<Element> {
  readonly read: readonly Element[];
  /** Elements of another shape. */
  readonly unread: number;
}

/** The elements that can be read; those of an odd shape take no others along. */
export function sifted<Schema extends z.ZodType>(
  schema: Schema,
  elements: readonly unknown[],
): Sifted<z.output<Schema>> {
  const read = elements.flatMap((element) => {
    const { data } = schema.safeParse(element);
    return data === undefined ? [] : [data];
  });
  return { read, unread: elements.length - read.length };
}
