import { describe, expect, it } from "vitest";
import { quarantinedText } from "./quarantine-text.ts";

const BYTES_MAX = 4_096;
const COUNTED = {
  typeWebhook: "outgoingMessageStatus",
  instanceData: { idInstance: 7103000000 },
  idMessage: "3EB0608D6A2901063D63",
  status: "delivered",
  timestamp: 1727691478,
  chatId: "79001234567@c.us",
};

function kept(text: string, reason: "no_type" | "job_unreadable" = "no_type"): string {
  return quarantinedText({ reason, text }, BYTES_MAX);
}

describe("quarantinedText", () => {
  it("does not change a short text", () => {
    for (const text of ["", "{", ' {"a": 1} ']) expect(kept(text)).toBe(text);
  });

  it.each([10, 1_000])("keeps the counted fields of a webhook, at any position among %i long fields", (fields) => {
    const junk = Object.fromEntries(Array.from({ length: fields }, (_, i) => [`junk${String(i)}`, "x".repeat(1000)]));
    for (const body of [
      { ...junk, ...COUNTED },
      { ...COUNTED, ...junk },
    ])
      expect(JSON.parse(kept(JSON.stringify(body)))).toEqual(COUNTED);
  });

  it.each(["no_type", "job_unreadable"] as const)("shortens any long text to JSON: %s", (reason) => {
    for (const text of [
      "{".repeat(100_000),
      "[".repeat(200_000) + "]".repeat(200_000),
      `{"data":"${"\u0001".repeat(5_000)}"}`,
    ]) {
      const short = kept(text, reason);
      expect(Buffer.byteLength(short)).toBeLessThanOrEqual(BYTES_MAX);
      expect(() => JSON.parse(short) as unknown).not.toThrow();
    }
  });
});
