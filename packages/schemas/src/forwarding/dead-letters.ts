import { z } from "zod";

/** Webhooks that could not be delivered. */

const success = z.literal(true);

export const DEAD_REASONS = ["expired", "key_lost"] as const;
export type DeadReason = (typeof DEAD_REASONS)[number];

/** The Unix ms at which delivery was given up, and a few letters. */
const DEAD_ID = /^\d{1,15}-[\w-]{1,16}$/;

/** What Redis keeps about a dead letter besides the webhook itself. */
export const storedDeadLetter = z.object({
  webhookId: z.string(),
  instance: z.string(),
  type: z.string(),
  reason: z.enum(DEAD_REASONS),
  /** Unix ms */
  receivedAtMs: z.number(),
  lastStatus: z.string().nullable(),
});
export type StoredDeadLetter = z.infer<typeof storedDeadLetter>;

export const deadQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().regex(DEAD_ID, "must be the `nextCursor` of a previous answer").optional(),
});

const deadLetter = z
  .object({
    id: z.string(),
    webhookId: z.string(),
    instance: z.string(),
    type: z.string(),
    reason: z.enum(DEAD_REASONS),
    receivedAt: z.iso.datetime(),
    deadAt: z.iso.datetime(),
    lastStatus: z.string().nullable(),
    replayable: z.boolean().describe("Whether its bytes are still there: they are kept for 24 hours."),
  })
  .meta({ id: "DeadLetter" });

export const deadAnswer = z.object({ success, dead: z.array(deadLetter), nextCursor: z.string().nullable() });

/** `POST /targets/:name/dead/replay` */
export const deadReplayRequest = z.strictObject({
  ids: z
    .array(z.string().regex(DEAD_ID, "must be the id of a dead letter"))
    .min(1)
    .max(500)
    .optional()
    .describe("Without it, all that can be replayed."),
});

export const deadDiscardAnswer = z.object({ success, discarded: z.number().int() });

export const deadReplayAnswer = z.object({
  success,
  replayed: z.number().int(),
  left: z.number().int().describe("Those that cannot be replayed, or not now because the lane is full."),
});
