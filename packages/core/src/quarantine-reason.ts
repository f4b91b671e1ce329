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
  /** Its gateway's ids are unique only within a chat, and it names none. */
  "no_chat",
] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];
