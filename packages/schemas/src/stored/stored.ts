import { z } from "zod";

/** Replies of our Lua scripts. */

const bytes = z.instanceof(Buffer);

/** A character for each instance: stored, stored and much is pending, stored with damage, conflict, broken. */
export const commitReply = z.string().regex(/^[smdcb]*$/);

/** PENDING of an instance; by block its counts, see `lua/read-counts.lua`. */
export const countsReply = z.tuple([bytes, z.array(bytes)]);

/** MessagePack, see `lua/read-records.lua`. */
export const recordsReply = bytes;

/** Of `lua/change-keys.lua`: what keys hold, or in an array what the commands that wrote answered; `null`: it was too late. */
export const changeReply = z.union([bytes, z.tuple([bytes]), z.null()]);

/** What an instance's gateway reported of its account: Unix seconds and state, oldest first. */
export const storedStateReports = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue("not JSON");
      return z.NEVER;
    }
  })
  .pipe(z.array(z.tuple([z.number(), z.string()])));

/** What our scripts put into MessagePack arrays: texts are bytes, and `false` is also nothing at all. */
export type PackedAnswer = Buffer | number | boolean | readonly PackedAnswer[];
const packedAnswer: z.ZodType<PackedAnswer> = z.union([
  z
    .instanceof(Uint8Array)
    .transform(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  z.number(),
  z.boolean(),
  z.lazy(() => packedArray),
]);

/** Decoded with raw strings. Of an empty table `cmsgpack` may make a map. */
export const packedArray = z.union([z.array(packedAnswer), z.strictObject({}).transform(() => [])]);

/** Answers of Redis to commands that `lua/change-keys.lua` ran. */
const nothing = z.literal(false).transform(() => undefined);
/** The value of a key or of a field. */
export const valueAnswer = z.union([bytes, nothing]);
export const textAnswer = z.union([bytes.transform(String), nothing]);
/** Values of fields, elements of a list, or field and value in turn. */
export const valuesAnswer = z.array(bytes);
export const fieldsAnswer = z.array(valueAnswer);
export const countAnswer = z.number();
/** A hash of numbers by number. */
export const numbersAnswer = z.array(bytes).transform((flat) => {
  const counts = new Map<number, number>();
  for (let i = 0; i + 1 < flat.length; i += 2) counts.set(Number(flat[i]), Number(flat[i + 1]));
  return counts;
});

/** What CONFIG GET answers for one name. */
export const configPair = z.tuple([z.string(), z.string()]);

/** An entry of FORGOTTEN: epoch, PERIODS and SUMMARY, decoded with raw strings. */
export const packedEpoch = z.tuple([z.instanceof(Uint8Array), z.instanceof(Uint8Array), z.instanceof(Uint8Array)]);

/** Messages that are being labelled, see `label-work.ts`: an id of the call, number of the label, day, and of each message its id and chat. */
export const packedLabelCall = z.tuple([
  z.string(),
  z.int().positive(),
  z.int().nonnegative(),
  z.array(z.tuple([z.string(), z.string().nullable()])),
]);

/** In an outbox, see `outbox-pieces.ts`: id, 1 for outgoing, codes of the status before and after, Unix seconds, place of the reason; -1 for none. */
const code = z.int().gte(-1);
const outboxTransition = z.tuple([z.string(), z.int(), code, code, z.number(), code]);
export type OutboxTransition = z.infer<typeof outboxTransition>;
export const outboxPiece = z.array(outboxTransition);

/** What XREAD answers of outboxes: of each its key, then id and fields of each entry. */
const outboxEntry = z.tuple([z.string().regex(/^\d+-\d+$/), z.tuple([z.literal("t"), z.string()])]);
export const outboxReply = z
  .array(z.tuple([z.string(), z.array(outboxEntry)]))
  .nullable()
  .transform((read) => read ?? []);
