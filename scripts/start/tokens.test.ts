import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveTokens } from "./tokens.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ticktally-tokens-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("resolveTokens", () => {
  it("generates two tokens once, in a file that only this user can read", () => {
    const first = resolveTokens(folder, {});
    expect(first.accountToken).not.toBe(first.webhookToken);
    expect(first.accountToken).toMatch(/^[0-9a-f]{48}$/);
    expect(statSync(join(folder, "tokens.json")).mode & 0o777).toBe(0o600);
    expect(resolveTokens(folder, {})).toEqual(first);
  });

  it("generates a key for forwarding, also for an existing file with tokens", () => {
    const file = join(folder, "tokens.json");
    writeFileSync(file, JSON.stringify({ accountToken: "a", webhookToken: "b" }));
    const first = resolveTokens(folder, {});
    expect(first).toMatchObject({ accountToken: "a", forwardKey: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(resolveTokens(folder, {})).toEqual(first);
    expect(resolveTokens(folder, { FORWARD_KEY: "mine" }).forwardKey).toBe("mine");
  });

  it("keeps using the key of an earlier start when both tokens are set, because targets are encrypted with it", () => {
    const both = { TICKTALLY_ACCOUNT_TOKEN: "a", TICKTALLY_WEBHOOK_TOKEN: "b" };
    expect(resolveTokens(folder, both).forwardKey).toBeUndefined();
    const { forwardKey } = resolveTokens(folder, {});
    const expected = { accountToken: "a", webhookToken: "b", forwardKey };
    expect(resolveTokens(folder, { ...both, NODE_ENV: "production" })).toMatchObject(expected);
    expect(resolveTokens(folder, { ...both, FORWARD_KEY: "mine" }).forwardKey).toBe("mine");
  });

  it("prefers the environment for each token", () => {
    const kept = resolveTokens(folder, {});
    const mixed = resolveTokens(folder, { TICKTALLY_WEBHOOK_TOKEN: "mine" });
    expect(mixed).toMatchObject({ accountToken: kept.accountToken, webhookToken: "mine" });
  });

  it.each([{}, { TICKTALLY_ACCOUNT_TOKEN: "only one" }])("generates no tokens in production", (given) => {
    expect(() => resolveTokens(folder, { ...given, NODE_ENV: "production" })).toThrow(
      /TICKTALLY_ACCOUNT_TOKEN and TICKTALLY_WEBHOOK_TOKEN/,
    );
  });

  it("does not replace an unreadable file, because clients use its tokens", () => {
    writeFileSync(join(folder, "tokens.json"), "{");
    expect(() => resolveTokens(folder, {})).toThrow("tokens.json holds no tokens");
  });
});
