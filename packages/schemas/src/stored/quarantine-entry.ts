import { QUARANTINE_REASONS } from "@ticktally/core";
import { z } from "zod";

export const quarantineEntry = z.object({
  /** Made from the job and the position in it, so a job that runs twice is quarantined once. */
  id: z.string(),
  reason: z.enum(QUARANTINE_REASONS),
  /** What is wrong, for people; names fields, never their values. */
  detail: z.string(),
  instance: z.string().optional(),
  receivedAtMs: z.number(),
  /** The gateway of the webhook; the default one if missing. */
  gateway: z.string().optional(),
  /** The webhook as it was queued. */
  text: z.string(),
});
export type QuarantineEntry = z.infer<typeof quarantineEntry>;
