import { hash, randomBytes, randomUUID } from "node:crypto";
import type { RedisReadTokens } from "@ticktally/redis";
import { newReadToken, type doneAnswer, type readTokenCreatedAnswer, type readTokensAnswer } from "@ticktally/schemas";
import type { Logger } from "@ticktally/telemetry";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "./authorise.ts";
import { bodyOf } from "../http/request-input.ts";

export interface TokensDeps {
  readonly readTokens: Pick<RedisReadTokens, "add" | "list" | "remove">;
  readonly authoriser: Authoriser;
  readonly logger: Logger;
  /** Unix ms */
  readonly now: () => number;
}

const TOKENS_MAX = 1_000;
/** 256 bits: it cannot be guessed, so its digest needs no salt and no slow hash. */
const TOKEN_BYTES = 32;

/**
 * Read tokens, for dashboards and programs that must not change anything. Only the account creates and revokes them. 400 invalid request,
 * 403 not the account (or, to list them, an instance's token), 404 unknown, 409 too many.
 */
export function tokenRoutes({ readTokens, authoriser, logger, now }: TokensDeps): Router {
  const router = Router();

  router.post("/tokens", async (req, res) => {
    await authoriser.account(req);
    const { name } = await bodyOf(req, res, newReadToken);
    if ((await readTokens.list()).length >= TOKENS_MAX) {
      throw new ApiError(
        "conflict",
        `There are already ${String(TOKENS_MAX)} read tokens, which is the maximum: revoke one first.`,
      );
    }
    const [id, token] = [randomUUID(), randomBytes(TOKEN_BYTES).toString("base64url")];
    await readTokens.add(hash("sha256", token), { id, name, createdAt: Math.floor(now() / 1000) });
    logger.info({ tokenId: id }, "read token created");
    const answer: z.infer<typeof readTokenCreatedAnswer> = { success: true, id, token };
    res.status(201).json(answer);
  });

  router.get("/tokens", async (req, res) => {
    await authoriser.reader(req);
    const tokens = (await readTokens.list()).map(({ id, name, createdAt, lastUsedAt }) => ({
      id,
      name,
      scope: "read" as const,
      createdAt: timeOf(createdAt),
      lastUsedAt: lastUsedAt === undefined ? null : timeOf(lastUsedAt),
    }));
    const answer: z.infer<typeof readTokensAnswer> = { success: true, tokens };
    res.json(answer);
  });

  router.delete("/tokens/:id", async (req, res) => {
    await authoriser.account(req);
    const { id } = req.params;
    if (!(await readTokens.remove(id))) throw new ApiError("not_found", "There is no read token with this id.");
    logger.info({ tokenId: id }, "read token revoked");
    const answer: z.infer<typeof doneAnswer> = { success: true, message: "Token revoked" };
    res.json(answer);
  });

  return router;
}

function timeOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
