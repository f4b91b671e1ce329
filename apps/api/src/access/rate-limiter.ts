import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, rateLimit, type Options, type Store } from "express-rate-limit";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "./authorise.ts";

/** The state of one limiter. The counts are in Redis, where limiters with the same keys share them. */
export interface RequestLimit {
  readonly store: Store;
  readonly perMinute: number;
}

export interface RateLimitDeps {
  readonly authoriser: Pick<Authoriser, "identity">;
  readonly rateLimit: RequestLimit;
}

/** A page of the console makes a dozen requests at once, and more as its user navigates. */
const SESSION_FACTOR = 6;

/**
 * Limits requests per minute for each valid token, and to six times as many for its console sessions together, over all replicas. Requests
 * without a valid token are counted by address, which slows down guessing. The state is reported in `RateLimit` and `RateLimit-Policy`.
 */
export function rateLimiter({ authoriser, rateLimit: limit }: RateLimitDeps): RequestHandler {
  const identityOf = async (req: Request) => {
    try {
      return await authoriser.identity(req);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return undefined;
    }
  };
  return rateLimit({
    ...common(limit),
    limit: async (req) => {
      const identity = await identityOf(req);
      return identity?.sessionDigest === undefined ? limit.perMinute : SESSION_FACTOR * limit.perMinute;
    },
    keyGenerator: async (req) => {
      const identity = await identityOf(req);
      if (identity === undefined) return ipKeyGenerator(req.ip ?? "");
      // One counter for all sessions of a token, because each call of POST /session opens another one.
      return identity.sessionDigest === undefined ? identity.tokenDigest : `session:${identity.tokenDigest}`;
    },
  });
}

/** Requests of unknown clients, by address, counted together with those of {@link rateLimiter}. Others are not limited. */
export function failedLoginLimiter(limit: RequestLimit, isKnown: (req: Request) => boolean): RequestHandler {
  return rateLimit({
    ...common(limit),
    skip: isKnown,
    keyGenerator: (req) => ipKeyGenerator(req.ip ?? ""),
  });
}

function common({ store, perMinute }: RequestLimit): Partial<Options> {
  return {
    store,
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    handler: (_req, _res, next) => {
      next(new ApiError("rate_limited", "Rate limit exceeded. Try again later."));
    },
  };
}
