import { hash, randomBytes } from "node:crypto";
import type { InstanceRegistry } from "@ticktally/core";
import type { RedisSessions } from "@ticktally/redis";
import { newSession, type doneAnswer, type sessionAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser, Caller } from "./authorise.ts";
import { bodyOf } from "../http/request-input.ts";
import { cookieOptions, SESSION_COOKIE, sessionOf } from "./session-cookie.ts";

export interface SessionDeps {
  readonly sessions: Pick<RedisSessions, "open" | "close">;
  readonly registry: Pick<InstanceRegistry, "resolve">;
  readonly authoriser: Authoriser;
}

const SESSION_BYTES = 32;

/**
 * Sign-in of the console: exchanges any token for a cookie that scripts cannot read. 401 invalid token. The session has the token's rights
 * and ends with it.
 */
export function sessionRoutes({ sessions, registry, authoriser }: SessionDeps): Router {
  const router = Router();

  router.post("/session", async (req, res) => {
    const { token } = await bodyOf(req, res, newSession);
    const tokenDigest = hash("sha256", token);
    const caller = await authoriser.ownerOf(tokenDigest);
    if (caller === undefined) throw new ApiError("unauthorized", "Invalid token.");
    const session = randomBytes(SESSION_BYTES).toString("base64url");
    await sessions.open(hash("sha256", session), tokenDigest);
    res.cookie(SESSION_COOKIE, session, cookieOptions(req));
    res.status(201).json(await answerOf(caller));
  });

  router.get("/session", async (req, res) => {
    res.json(await answerOf(await authoriser.caller(req)));
  });

  router.delete("/session", async (req, res) => {
    await authoriser.caller(req);
    const session = sessionOf(req);
    if (session !== undefined) await sessions.close(hash("sha256", session));
    res.clearCookie(SESSION_COOKIE, cookieOptions(req));
    const answer: z.infer<typeof doneAnswer> = { success: true, message: "Signed out" };
    res.json(answer);
  });

  async function answerOf(caller: Caller): Promise<z.infer<typeof sessionAnswer>> {
    if (caller.kind !== "instance") {
      const name = caller.kind === "read" ? caller.name : "account";
      return { success: true, session: { kind: caller.kind, name, idInstance: null } };
    }
    const [instance] = await registry.resolve([caller.instance]);
    const name = instance?.name ?? caller.instance;
    return { success: true, session: { kind: "instance", name, idInstance: caller.instance } };
  }

  return router;
}
