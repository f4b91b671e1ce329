import { describe, expect, it } from "vitest";
import { failureReason } from "./failure-texts.ts";

describe("failureReason", () => {
  it.each([
    ["file should not be empty. URL: https://example.org/timed out", "file_empty"],
    ["file size should not exceed 100 megabytes. URL: ...", "file_too_large"],
    ["upload request was failed with bad status code ([45][0-9]{2})...", "upload_failed"],
    ["request was failed with bad status code ([45][0-9]{2})...", "download_failed"],
    ["Uploader Error", "uploader_error"],
    ["failed to send message with file", "send_file_failed"],
    ["Error: Timed Out", "timed_out"],
    ["Error: Connection Closed", "connection_closed"],
    ["SWE004: the number of participants in the group has been exceeded - 706", "group_too_large"],
    ["15 minute editing time gap has been expired", "edit_window_expired"],
    ["MessageError: Not authenticated.", "not_authenticated"],
    ["something undocumented", "other"],
    ["  ", "none"],
    [undefined, "none"],
  ] as const)("reads %j as %s", (description, reason) => {
    expect(failureReason("failed", description)).toBe(reason);
  });

  it("uses the status as the reason if it has only one reason", () => {
    expect(failureReason("noAccount", "Error: Timed Out")).toBe("no_account");
    expect(failureReason("notInGroup", undefined)).toBe("not_in_group");
    expect(failureReason("noActiveSession", undefined)).toBe("no_active_session");
  });
});
