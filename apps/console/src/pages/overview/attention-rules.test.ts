import { describe, expect, it, vi } from "vitest";
import type { Standing } from "./attention-rules.ts";

vi.stubGlobal("navigator", { language: "en-GB" });
const { troubleOf } = await import("./attention-rules.ts");

const NONE = { messages: 0, sent: 0, delivered: 0, failed: 0 };
const USUAL = { messages: 7_000, sent: 6_900, delivered: 6_800, failed: 70 };
const WELL: Standing = {
  name: "sales",
  state: "authorized",
  silentSeconds: 60,
  lately: { messages: 100, sent: 99, delivered: 97, failed: 1 },
  usually: USUAL,
  reason: "timed_out",
  hours: 3,
};

describe("troubleOf", () => {
  it.each<[string, Partial<Standing>, string | undefined]>([
    ["reports nothing about an instance with its usual values", {}, undefined],
    [
      "reports nothing about an instance that never sent",
      { state: null, silentSeconds: null, lately: NONE, usually: NONE },
      undefined,
    ],
    [
      "reports an instance that is signed out",
      { state: "notAuthorized" },
      "not signed in at the gateway: nothing is sent until that changes",
    ],
    [
      "reports the share of failures, the reason, and the usual share",
      { lately: { messages: 100, sent: 86, delivered: 80, failed: 14 } },
      "14 % failed in the last 3 hours, mostly “Timed out”; usually 1.0 %",
    ],
    ["does not report a few failures", { lately: { messages: 4, sent: 0, delivered: 0, failed: 4 } }, undefined],
    [
      "reports fewer deliveries than usual",
      { lately: { messages: 100, sent: 100, delivered: 60, failed: 0 } },
      "only 60 % of 100 messages of the last 3 hours arrived; usually 99 %",
    ],
    [
      "reports a busy instance without webhooks",
      { silentSeconds: 7 * 3_600, lately: NONE },
      "no webhook for 7 h; usually 1,000 messages a day",
    ],
    [
      "does not report a quiet instance without webhooks",
      { silentSeconds: 7 * 3_600, lately: NONE, usually: { ...USUAL, messages: 70 } },
      undefined,
    ],
  ])("%s", (_, change, sentence) => {
    expect(troubleOf({ ...WELL, ...change })?.sentence).toBe(sentence);
  });

  it("reports the worst of several problems", () => {
    const lately = { messages: 100, sent: 50, delivered: 10, failed: 50 };
    expect(troubleOf({ ...WELL, state: "blocked", lately })?.sentence).toContain("blocked by WhatsApp");
  });
});
