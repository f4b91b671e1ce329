import type { Request, RequestHandler } from "express";
import { ipKeyGenerator, rateLimit, type Options, type Store } from "express-rate-limit";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "./authorise.ts";

/** One limiter's own; the counts lie in Redis, where limiters with the same keys share them. */
export interface RequestLimit {
  readonly store: Store;
  readonly perMinute: number;
}

export interface RateLimitDeps {
  readonly authoriser: Pick<Authoriser, "identity">;
  readonly rateLimit: RequestLimit;
}

/** A console's page asks for a dozen things at once, and again as its user looks around. */
const SESSION_FACTOR = 6;

/**
 * So many requests a minute for each valid token, and six times as many for each session of the console, whichever replica answers; those without one are counted by their address,
 * so that guessing tokens is slowed. Says where one stands in `RateLimit` and `RateLimit-Policy`.
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
      return identity?.sessionDigest ?? identity?.tokenDigest ?? ipKeyGenerator(req.ip ?? "");
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
