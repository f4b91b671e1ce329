import { once } from "node:events";
import { createServer } from "node:http";
import express, { type NextFunction, type Request, type Response } from "express";
import { MemoryStore } from "express-rate-limit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ApiError } from "../http/api-error.ts";
import { rateLimiter } from "./rate-limiter.ts";

const PER_MINUTE = 2;

const app = express();
app.use(
  rateLimiter({
    authoriser: {
      identity: async (req) =>
        Promise.resolve({
          caller: { kind: "account" },
          tokenDigest: req.get("token") ?? "",
          sessionDigest: req.get("session"),
        }),
    },
    rateLimit: { store: new MemoryStore(), perMinute: PER_MINUTE },
  }),
);
app.use((_req, res) => res.json({}));
app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
  res.status(error instanceof ApiError ? 429 : 500).json({});
});
const server = createServer(app);
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => server.close());

async function status(headers: Record<string, string>): Promise<number> {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen");
  return (await fetch(`http://127.0.0.1:${String(address.port)}/`, { headers })).status;
}

it("a token cannot multiply its limit by opening sessions", async () => {
  const sessions = Array.from({ length: 6 * PER_MINUTE + 1 }, (_, i) => ({ token: "t1", session: `s${String(i)}` }));
  const statuses: number[] = [];
  for (const headers of sessions) statuses.push(await status(headers));
  expect(statuses).toEqual([...Array.from({ length: 6 * PER_MINUTE }, () => 200), 429]);
  expect(await status({ token: "t1" })).toBe(200);
  expect(await status({ token: "t2", session: "other" })).toBe(200);
});
