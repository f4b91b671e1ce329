import { z } from "zod";

/** Why a webhook could not be counted. */
export const QUARANTINE_REASONS = [
  "job_unreadable",
  "unreadable",
  "not_an_object",
  "no_type",
  "no_instance",
  "unknown_instance",
  "invalid_shape",
  "unknown_status",
  "store_rejected",
  "other_instance",
] as const;

export const quarantineEntry = z.object({
  /** Made from the job and the place in it, so that a job that runs twice is quarantined once. */
  id: z.string(),
  reason: z.enum(QUARANTINE_REASONS),
  /** What is wrong, for people; names fields, never their values. */
  detail: z.string(),
  instance: z.string().optional(),
  receivedAtMs: z.number(),
  /** The webhook as it was queued. */
  text: z.string(),
});
export type QuarantineEntry = z.infer<typeof quarantineEntry>;
export type QuarantineReason = QuarantineEntry["reason"];
