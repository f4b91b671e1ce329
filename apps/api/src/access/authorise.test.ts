import { hash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import express, { type NextFunction, type Request, type Response } from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiError } from "../http/api-error.ts";
import { Authoriser } from "./authorise.ts";

const [OWN, OTHER] = ["1101000001", "1101000002"];
const isOf = (token: string, digest: string) => hash("sha256", token) === digest;

const authoriser = new Authoriser({
  accountToken: "account",
  registry: {
    tokenOwner: async (digest) => Promise.resolve(isOf("instance", digest) ? OWN : undefined),
    resolve: async (names) =>
      Promise.resolve(names.map((name) => ([OWN, OTHER].includes(name) ? { id: name, name } : undefined))),
  },
  readTokens: {
    find: async (digest) =>
      Promise.resolve(
        isOf("read", digest) ? { id: "t1", name: "grafana", createdAt: 0, lastUsedAt: undefined } : undefined,
      ),
    used: async () => Promise.resolve(),
  },
  sessions: {
    tokenOf: async (digest) => Promise.resolve(isOf("session", digest) ? hash("sha256", "account") : undefined),
  },
  now: () => 0,
});

const app = express();
app.all("/account", async (req, res) => {
  await authoriser.account(req);
  res.json({});
});
app.all("/owner", async (req, res) => {
  await authoriser.owner(req);
  res.json({});
});
app.all("/reader", async (req, res) => res.json(await authoriser.reader(req)));
app.all("/instance/:name", async (req, res) =>
  res.json(await authoriser.instance(await authoriser.caller(req), req.params.name)),
);
app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
  res.status(500).json(error instanceof ApiError ? error.code : String(error));
});
const server = createServer(app);
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => server.close());

async function answer(path: string, headers: Record<string, string>, method = "GET"): Promise<string> {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  const response = await fetch(`http://127.0.0.1:${String(address.port)}${path}`, { method, headers });
  return response.ok ? "ok" : String(await response.json());
}

const CALLS = ["/account", "/owner", "/reader", `/instance/${OWN}`, `/instance/${OTHER}`, "/instance/none"];

describe("permissions of tokens and sessions", () => {
  it.each([
    { token: "account", may: ["ok", "ok", "ok", "ok", "ok", "not_found"] },
    { token: "read", may: ["forbidden", "forbidden", "ok", "ok", "ok", "not_found"] },
    // The token must not reveal which other instances exist.
    { token: "instance", may: ["forbidden", "ok", "forbidden", "ok", "forbidden", "forbidden"] },
    { token: "wrong", may: CALLS.map(() => "unauthorized") },
    { token: "", may: CALLS.map(() => "unauthorized") },
  ])("with the token '$token'", async ({ token, may }) => {
    expect(await Promise.all(CALLS.map(async (path) => answer(path, { token })))).toEqual(may);
    expect(await answer("/owner", { authorization: `Bearer ${token}` })).toBe(may[1]);
  });

  it.each([
    { of: "session", method: "GET", more: {}, is: "ok" },
    { of: "session", method: "POST", more: {}, is: "forbidden" },
    { of: "session", method: "POST", more: { "x-ticktally-console": "1" }, is: "ok" },
    { of: "ended", method: "GET", more: {}, is: "unauthorized" },
  ])("in the session '$of' with $method and $more", async ({ of, method, more, is }) => {
    expect(await answer("/account", { cookie: `ticktally_session=${of}`, ...more }, method)).toBe(is);
  });
});
