import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { senderAddress } from "./sender-address.ts";
import { WebhookSources } from "./webhook-sources.ts";

const NETWORKS = ["203.0.113.7", "198.51.100.0/24", "2001:db8::/32"];

describe("WebhookSources", () => {
  it.each([
    ["203.0.113.7", true],
    ["203.0.113.8", false],
    ["198.51.100.0", true],
    ["198.51.100.255", true],
    ["198.51.101.0", false],
    ["2001:db8:1::5", true],
    ["2001:db9::1", false],
    ["::ffff:203.0.113.7", true],
    ["::ffff:203.0.113.8", false],
    ["nonsense", false],
    [undefined, false],
  ])("of two networks and an address: %s may post: %s", (address, isAllowed) => {
    const sources = new WebhookSources(NETWORKS, () => address);
    expect(sources.allow(new IncomingMessage(new Socket()))).toBe(isAllowed);
  });

  it("are all addresses if no network is configured", () => {
    const sources = new WebhookSources([], () => undefined);
    expect(sources.allow(new IncomingMessage(new Socket()))).toBe(true);
  });

  it.each([
    [[], "127.0.0.1", false],
    [["loopback"], "127.0.0.1", true],
    [["loopback"], "192.0.2.1", false],
  ])("trust X-Forwarded-For of a proxy in %j: from %s it is allowed: %s", (trusted, remoteAddress, isAllowed) => {
    const socket = new Socket();
    Object.defineProperty(socket, "remoteAddress", { value: remoteAddress });
    const req = new IncomingMessage(socket);
    req.headers["x-forwarded-for"] = "203.0.113.7";
    expect(new WebhookSources(NETWORKS, senderAddress(trusted)).allow(req)).toBe(isAllowed);
  });
});
