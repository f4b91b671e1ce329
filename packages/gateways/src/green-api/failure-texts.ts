import { REASONS_BY_FAILURE, type Failure, type FailureReason } from "@ticktally/core";

/**
 * Texts that the gateway documents or was seen to send. They contain URLs, codes and numbers, so only the fixed part is matched. First
 * match wins: "upload request was failed" contains the text of a failed download.
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
