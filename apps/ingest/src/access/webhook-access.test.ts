import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { WebhookAccess } from "./webhook-access.ts";

const TOKEN = "webhook-token-0123456789";
const INSTANCE_TOKEN = "a-token-of-one-instance";
const owners = new Map([[hash("sha256", INSTANCE_TOKEN), "7103000000"]]);
const registry = { tokenOwner: async (digest: string) => Promise.resolve(owners.get(digest)) };

describe("WebhookAccess", () => {
  const access = new WebhookAccess(TOKEN, registry);

  it("accepts the account's webhook token", () => {
    expect(access.of(TOKEN)).toEqual({ kind: "account" });
  });

  it("accepts the token of an instance", async () => {
    expect(await access.of(INSTANCE_TOKEN)).toEqual({ kind: "instance", instance: "7103000000" });
  });

  it.each([
    TOKEN.slice(0, -1),
    `${TOKEN}x`,
    // Two bytes in UTF-8, of which only one would fit.
    `${TOKEN}é`,
    TOKEN.toUpperCase(),
    TOKEN + TOKEN,
    "x",
  ])("accepts no sender with '%s'", async (token) => {
    expect(await access.of(token)).toBeUndefined();
  });

  it("accepts no sender without a token, and does not read the store", () => {
    expect(access.of("")).toBeUndefined();
  });

  it("compares the received bytes", () => {
    const greek = new WebhookAccess("κλειδί-0123456789", registry);
    expect(greek.of(Buffer.from("κλειδί-0123456789").toString("latin1"))).toEqual({ kind: "account" });
  });
});
