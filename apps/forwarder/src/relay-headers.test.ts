import { expect, it } from "vitest";
import { relayHeaders } from "./relay-headers.ts";

const RECEIVED = { "content-type": "application/json", "x-hub-signature-256": "sha256=abc" };

it("a relayed webhook has its original headers, the receiver's own token, and an id for detecting repeats", () => {
  expect(relayHeaders(RECEIVED, { authorization: "its own" }, { webhookId: "id" }, 3, "us")).toEqual({
    ...RECEIVED,
    authorization: "its own",
    "user-agent": "Ticktally",
    "webhook-id": "id",
    "x-ticktally-attempt": "3; by=us",
  });
});

it("a webhook that another Ticktally relayed to us keeps its header, so that it is recognised if it returns there", () => {
  const received = { ...RECEIVED, "x-ticktally-attempt": "1; by=them" };
  const headers = relayHeaders(received, {}, { webhookId: "id" }, 1, "us");
  expect(headers["x-ticktally-attempt"]).toBe("1; by=us, 1; by=them");
});
