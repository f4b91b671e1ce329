import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FAILURE_TEXT_BYTES_MAX,
  failureCode,
  failureText,
  preferredFailure,
  type FailureDetail,
} from "./failure-order.ts";
import { FAILURE_REASONS, type FailureReason } from "./failure-reason.ts";
import { FAILURES, statusCode, type Failure } from "./message-status.ts";

function failure(status: Failure, reason: FailureReason = "none", text = "", code = ""): FailureDetail {
  return { status: statusCode(status), reason: FAILURE_REASONS.indexOf(reason), text, code };
}

describe("preferredFailure", () => {
  it.each([
    ["the word that comes first in its list", failure("failed"), failure("noAccount", "no_account")],
    ["the word, whatever the reasons", failure("failed", "none"), failure("notInGroup", "not_in_group", "A")],
    ["the reason that comes first", failure("failed", "file_empty"), failure("failed", "timed_out")],
    ["a specific reason before other", failure("failed", "not_authenticated"), failure("failed", "other")],
    ["other before none", failure("failed", "other"), failure("failed", "none")],
    ["a specific reason before none", failure("failed", "connection_closed"), failure("failed", "none")],
    ["the reason, whatever the texts", failure("failed", "file_empty", "z"), failure("failed", "timed_out", "a")],
    ["the text that sorts first", failure("failed", "other", "a"), failure("failed", "other", "b")],
    ["any text before none", failure("failed", "other", "z"), failure("failed", "other")],
    ["the text, whatever the codes", failure("failed", "other", "a", "2"), failure("failed", "other", "b", "1")],
    ["the code that sorts first", failure("failed", "other", "a", "1"), failure("failed", "other", "a", "2")],
    ["any code before none", failure("failed", "other", "", "2"), failure("failed", "other")],
  ])("keeps %s, in either order", (_, kept, other) => {
    expect(preferredFailure(kept, other)).toBe(kept);
    expect(preferredFailure(other, kept)).toBe(kept);
  });

  it("selects the same failure of many, in any order", () => {
    const anyFailure: fc.Arbitrary<FailureDetail> = fc.record({
      status: fc.constantFrom(...FAILURES.map(statusCode)),
      reason: fc.nat(FAILURE_REASONS.length - 1),
      text: fc.constantFrom("", "a", "b", "é", "😀"),
      code: fc.constantFrom("", "131047", "131026"),
    });
    const twoOrders = fc
      .array(anyFailure, { minLength: 1, maxLength: 8 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        expect(other.reduce(preferredFailure)).toEqual(one.reduce(preferredFailure));
      }),
    );
  });
});

describe("failureText", () => {
  it("is empty if the gateway gave no text", () => {
    expect(failureText(undefined)).toBe("");
  });

  it("is the gateway's text, cut after a whole character if it is too long", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 700 }),
      fc.string({ unit: "grapheme", maxLength: 700 }),
    );
    fc.assert(
      fc.property(text, (description) => {
        const kept = failureText(description);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(FAILURE_TEXT_BYTES_MAX);
        // A UTF-8 character has at most 4 bytes.
        if (Buffer.byteLength(description) <= FAILURE_TEXT_BYTES_MAX) expect(kept).toBe(description);
        else expect(Buffer.byteLength(kept)).toBeGreaterThan(FAILURE_TEXT_BYTES_MAX - 4);
        expect(description.startsWith(kept)).toBe(true);
        expect(failureText(kept)).toBe(kept);
      }),
    );
  });

  it("keeps a code up to 64 bytes", () => {
    expect(failureCode("131047")).toBe("131047");
    expect(failureCode("é".repeat(40))).toBe("é".repeat(32));
    expect(failureCode(undefined)).toBe("");
  });

  // JSON may contain half of a surrogate pair. UTF-8 cannot, so the stored text would sort differently.
  it("contains no half of a surrogate pair", () => {
    expect(failureText("a\ud800b")).toBe("a\ufffdb");
    expect(failureText(`\ud800${"x".repeat(600)}`)).toBe(`\ufffd${"x".repeat(497)}`);
  });
});
