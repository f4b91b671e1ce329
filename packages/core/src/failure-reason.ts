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

/** What another failure than `failed` always has. */
const OF_OTHER_FAILURES: ReadonlySet<FailureReason> = new Set(["no_account", "not_in_group", "no_active_session"]);

/** The reasons each failure can have, so that metrics can show a zero for each known pair. */
export const REASONS_BY_FAILURE: Readonly<Record<Failure, readonly FailureReason[]>> = {
  failed: FAILURE_REASONS.filter((reason) => !OF_OTHER_FAILURES.has(reason)),
  noAccount: ["no_account"],
  notInGroup: ["not_in_group"],
  noActiveSession: ["no_active_session"],
};

/**
 * Texts the gateway documents (seed 001) or was seen to send. They embed URLs, codes and numbers, so only their fixed
 * part is matched. First match wins: "upload request was failed" contains the text of a failed download.
 */
const TEXTS: readonly (readonly [RegExp, FailureReason])[] = [
  [/file should not be empty/i, "file_empty"],
  [/file size should not exceed/i, "file_too_large"],
  [/upload request was failed/i, "upload_failed"],
  [/request was failed with bad status code/i, "download_failed"],
  [/uploader error/i, "uploader_error"],
  [/failed to send message with file/i, "send_file_failed"],
  [/SWE004/i, "group_too_large"],
  [/editing time gap/i, "edit_window_expired"],
  [/not authenticated/i, "not_authenticated"],
  [/connection closed/i, "connection_closed"],
  [/timed out/i, "timed_out"],
];

/** Classify a failure from its status word and the gateway's free text. */
export function failureReason(failure: Failure, description: string | undefined): FailureReason {
  const own = REASONS_BY_FAILURE[failure];
  const only = own.length === 1 ? own[0] : undefined;
  if (only !== undefined) return only;
  if (description === undefined || description.trim() === "") return "none";
  return TEXTS.find(([text]) => text.test(description))?.[1] ?? "other";
}
