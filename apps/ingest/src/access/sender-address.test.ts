import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import express from "express";
import { describe, expect, it } from "vitest";
import { senderAddress } from "./sender-address.ts";

const TRUSTED = [
  [],
  ["loopback"],
  ["127.0.0.1"],
  ["10.0.0.0/8", "loopback"],
  ["uniquelocal", "linklocal", "::1"],
  ["2001:db8::/32", "127.0.0.1/32"],
];
const REMOTES = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "203.0.113.7", "2001:db8::1", undefined];
const FORWARDED = [
  undefined,
  "",
  "203.0.113.7",
  "203.0.113.7, 10.1.2.3",
  "198.51.100.1,203.0.113.7 , 127.0.0.1",
  "::ffff:203.0.113.7",
  "nonsense",
  "nonsense, 10.1.2.3",
  " , ,",
  "203.0.113.7:443",
];

describe("senderAddress", () => {
  it.each(TRUSTED.map((trusted) => [trusted]))("equals Express's `req.ip` if %j are trusted", (trusted) => {
    const app = express().set("trust proxy", trusted);
    const addressOf = senderAddress(trusted);
    for (const remote of REMOTES)
      for (const forwarded of FORWARDED) {
        const req = request(remote, forwarded);
        const address = addressOf(req);
        Object.setPrototypeOf(req, app.request);
        expect(address, `${remote} ${forwarded}`).toBe((req as express.Request).ip);
      }
  });

  it("is the last address that does not belong to a trusted proxy", () => {
    const addressOf = senderAddress(["loopback", "10.0.0.0/8"]);
    expect(addressOf(request("127.0.0.1", "198.51.100.1, 203.0.113.7, 10.1.2.3"))).toBe("203.0.113.7");
    expect(addressOf(request("192.0.2.1", "203.0.113.7"))).toBe("192.0.2.1");
  });
});

function request(remoteAddress: string | undefined, forwarded: string | undefined): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: remoteAddress });
  const req = new IncomingMessage(socket);
  if (forwarded !== undefined) req.headers["x-forwarded-for"] = forwarded;
  return req;
}
