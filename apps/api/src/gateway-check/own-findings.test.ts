import { expect, it } from "vitest";
import { ownFindings } from "./own-findings.ts";

const NOW = 1_790_000_000;

function findingsOf(age: number | undefined, waiting?: number, ignoreGroupMessages = false) {
  const seen = age === undefined ? {} : { lastWebhookAt: NOW - age };
  const findings = ownFindings({ overview: { ...seen, settings: { ignoreGroupMessages } }, waiting, now: NOW });
  return findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
}

it.each([
  [undefined, "warning no_webhook_yet: No webhook of this instance has been received yet."],
  [0, "info last_webhook: The last webhook was received 0 seconds ago."],
  [61, "info last_webhook: The last webhook was received 1 minute ago."],
  [7_300, "info last_webhook: The last webhook was received 2 hours ago."],
  [86_400, "warning webhooks_stopped: The last webhook was received 1 day ago."],
  // The clocks of two machines may differ.
  [-5, "info last_webhook: The last webhook was received 0 seconds ago."],
])("a last webhook %s seconds ago", (age, expected) => {
  expect(findingsOf(age)).toEqual([expected]);
});

it("waiting webhooks are only information while others arrive", () => {
  expect(findingsOf(30, 1)[1]).toBe("info webhooks_waiting: 1 webhook waits at the gateway.");
  expect(findingsOf(30, 0)).toHaveLength(1);
});

it("waiting webhooks are an error if none arrives", () => {
  expect(findingsOf(3_700, 412)[1]).toBe(
    "error webhooks_waiting: 412 webhooks wait at the gateway, and none has been received for 1 hour: they do not reach Ticktally, or are not answered 200. Webhooks older than 24 hours are lost.",
  );
  expect(findingsOf(undefined, 2)[1]).toContain("and none has been received yet");
});

it("ignored groups are reported", () => {
  expect(findingsOf(1, 0, true)[1]).toContain("info groups_ignored");
});
