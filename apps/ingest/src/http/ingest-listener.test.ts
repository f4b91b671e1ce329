import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { DEFAULT_GATEWAY } from "@ticktally/gateways";
import { describe, expect, it } from "vitest";
import { ingestApp } from "./ingest-app.ts";
import { ingestListener, UsualRoute } from "./ingest-listener.ts";

const route = new UsualRoute(DEFAULT_GATEWAY);
const PATH = "/webhooks/green-api";
const USUAL = ["", "/sales", "/1101000001", "/a.b~c_d-E9", "/..", "?", "?from=here", "/sales?a=/b/%2F%E0?&[]"];
const LEFT_TO_THE_APP = [
  ...["/", "/sales/", "//", "/a/b", "/%2F", "/a%20b", "/%E0%A4%A", "/%", "/a:b", "s", "?a#b", "#a", "/a#b", "/?a"],
  ...["/a b", "/ü", "?a b", "?ü", "\\", ";a=b", "/;a=b"],
];
/** Every character of Latin-1, which Node uses for the bytes of a path. */
const CHARACTERS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

describe("UsualRoute", () => {
  it.each(USUAL)("matches the path followed by “%s”", (rest) => {
    expect(route.takes({ method: "POST", url: PATH + rest })).toBe(true);
  });

  it.each(LEFT_TO_THE_APP)("leaves the path followed by “%s” to the app", (rest) => {
    expect(route.takes({ method: "POST", url: PATH + rest })).toBe(false);
  });

  it.each([
    "/Webhooks/green-api",
    "/webhooks/GREEN-API",
    "//webhooks/green-api",
    "http://x/webhooks/green-api",
    "*",
    "",
  ])("leaves %s to the app", (url) => {
    expect(route.takes({ method: "POST", url })).toBe(false);
  });

  it.each(["GET", "HEAD", "PUT", "OPTIONS", "post"])("leaves %s to the app", (method) => {
    expect(route.takes({ method, url: PATH })).toBe(false);
  });

  it("matches no path that the app's route does not match, for every character", () => {
    for (const character of CHARACTERS)
      for (const rest of [character, `/${character}`, `/a${character}b`, `?${character}`, `/a?b${character}c`]) {
        const url = PATH + rest;
        if (route.takes({ method: "POST", url })) expect(answer("POST", url, "app"), url).toBe("taken");
      }
  });
});

describe("ingestListener", () => {
  it.each([...USUAL, ...LEFT_TO_THE_APP])("answers the path followed by “%s” as the app alone does", (rest) => {
    for (const method of ["POST", "PUT", "GET"])
      expect(answer(method, PATH + rest, "listener")).toBe(answer(method, PATH + rest, "app"));
  });

  it.each([
    ["/Webhooks/GREEN-api", "taken"],
    ["/webhooks/green-api/", "taken"],
    ["/webhooks/green-api/sales/", "taken"],
    ["/webhooks/green-api/a%2Fb", "taken"],
    ["http://elsewhere/webhooks/green-api", "taken"],
    ["/webhooks/green-api//", "taken"],
    ["/webhooks/green-api//sales", "taken"],
    ["//webhooks/green-api", 404],
    ["/webhooks//green-api", 404],
    ["/webhooks/green-api/a/b", "taken"],
    ["/webhooks/green-apis", 404],
    ["/webhooks%2Fgreen-api", 404],
    ["/webhooks/green-api/%E0%A4%A", 400],
  ])("answers a POST to %s with: %s", (url, expected) => {
    expect(answer("POST", url, "listener")).toBe(expected);
  });

  it.each([PATH, `${PATH}/`])("answers 503 if the intake of a webhook at %s throws", (url) => {
    const { req, res } = exchange("POST", url);
    const take = () => {
      throw new Error("broken");
    };
    ingestListener({ take, check: () => undefined }, [DEFAULT_GATEWAY])(req, res);
    expect(res.statusCode).toBe(503);
  });
});

/** The result of a request: `taken` by the intake, or else the status of the answer. */
function answer(method: string, url: string, by: "app" | "listener"): "taken" | number {
  let isTaken = false;
  const check = (_: unknown, __: unknown, to: ServerResponse) => void to.writeHead(405);
  const intake = { take: () => void (isTaken = true), check };
  const { req, res } = exchange(method, url);
  if (by === "app") ingestApp(intake, [DEFAULT_GATEWAY])(req, res);
  else ingestListener(intake, [DEFAULT_GATEWAY])(req, res);
  return isTaken ? "taken" : res.statusCode;
}

function exchange(method: string, url: string) {
  const req = Object.assign(new IncomingMessage(new Socket()), { method, url });
  return { req, res: new ServerResponse(req) };
}
