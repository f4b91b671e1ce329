import { z } from "zod";

/** Replies of our Lua scripts. */

const bytes = z.instanceof(Buffer);

/** The answer to INFO. */
export const infoReply = z.string();

/** One character per instance: stored, stored with much pending, stored with damage, conflict, broken. */
export const commitReply = z.string().regex(/^[smdcb]*$/);

/** PENDING of an instance, then its counts by block, see `lua/read-counts.lua`. */
export const countsReply = z.tuple([bytes, z.array(bytes)]);

/** MessagePack, see `lua/read-records.lua`. */
export const recordsReply = bytes;

/**
 * The reply of `lua/change-keys.lua`: the contents of keys, or in an array the answers of the writing commands; `null`: it was too late.
 */
export const changeReply = z.union([bytes, z.tuple([bytes]), z.null()]);

/** What an instance's gateway reported about its account: Unix seconds and state, oldest first. */
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

/** Values that our scripts put into MessagePack arrays: texts are bytes, and `false` also stands for a missing value. */
export type PackedAnswer = Buffer | number | boolean | readonly PackedAnswer[];
const packedAnswer: z.ZodType<PackedAnswer> = z.union([
  z
    .instanceof(Uint8Array)
    .transform(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  z.number(),
  z.boolean(),
  z.lazy(() => packedArray),
]);

/** Decoded with raw strings. `cmsgpack` may encode an empty table as a map. */
export const packedArray = z.union([z.array(packedAnswer), z.strictObject({}).transform(() => [])]);

/** Redis's answers to commands run by `lua/change-keys.lua`. */
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

/** The answer of CONFIG GET for one name. */
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

/**
 * In an outbox, see `outbox-pieces.ts`: id, 1 for outgoing, codes of the status before and after, Unix seconds, index of the reason; -1 for
 * none.
 */
const code = z.int().gte(-1);
const outboxTransition = z.tuple([z.string(), z.int(), code, code, z.number(), code]);
export type OutboxTransition = z.infer<typeof outboxTransition>;
export const outboxPiece = z.array(outboxTransition);

/** The answer of XREAD for outboxes: for each its key, then id and fields of each entry. */
const outboxEntry = z.tuple([z.string().regex(/^\d+-\d+$/), z.tuple([z.literal("t"), z.string()])]);
export const outboxReply = z
  .array(z.tuple([z.string(), z.array(outboxEntry)]))
  .nullable()
  .transform((read) => read ?? []);
