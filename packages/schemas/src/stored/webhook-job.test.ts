import { expect, it } from "vitest";
import { webhookJobOf, webhookLine, webhooksOf } from "./webhook-job.ts";

it("a webhook is unchanged in its job, with its gateway and its sender if it has them", () => {
  const webhooks = [
    { receivedAtMs: 1_727_691_478_000, text: '{"a": "@1 {}"}' },
    { receivedAtMs: 1_727_691_478_001, text: '{"a": 1}', sender: "7103000000" },
    { receivedAtMs: 1_727_691_478_002, text: "7103000000", sender: "1" },
    { receivedAtMs: 1_727_691_478_003, text: "7103000000" },
    { receivedAtMs: 1_727_691_478_004, text: '"@1"' },
    { receivedAtMs: 1_727_691_478_005, text: "{}", gateway: "meta" },
    { receivedAtMs: 1_727_691_478_006, text: "{}", gateway: "meta", sender: "meta:1" },
  ];
  expect(webhooksOf(webhookJobOf(webhooks.map(webhookLine)))).toEqual(
    webhooks.map((webhook, index) => ({ ...webhook, index })),
  );
});
