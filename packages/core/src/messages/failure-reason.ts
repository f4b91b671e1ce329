import type { Failure } from "./message-status.ts";

/** Why a message failed, as a closed set fit for a metric label. The position is the stored code: append only. */
export const FAILURE_REASONS = [
  "none",
  "other",
  "file_empty",
  "file_too_large",
  "download_failed",
  "upload_failed",
  "uploader_error",
  "send_file_failed",
  "timed_out",
  "connection_closed",
  "group_too_large",
  "edit_window_expired",
  "not_authenticated",
  "no_account",
  "not_in_group",
  "no_active_session",
  "recipient_unreachable",
  "engagement_limited",
  "opted_out",
  "rate_limited",
  "account_limited",
  "template_rejected",
  "media_failed",
  "invalid_request",
  "payment",
  "gateway_error",
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** The reason that each failure other than `failed` always has. */
const OF_OTHER_FAILURES: ReadonlySet<FailureReason> = new Set(["no_account", "not_in_group", "no_active_session"]);

/** The reasons each failure can have, so that metrics can show a zero for each known pair. */
export const REASONS_BY_FAILURE: Readonly<Record<Failure, readonly FailureReason[]>> = {
  failed: FAILURE_REASONS.filter((reason) => !OF_OTHER_FAILURES.has(reason)),
  noAccount: ["no_account"],
  notInGroup: ["not_in_group"],
  noActiveSession: ["no_active_session"],
};
