import type { RequestHandler } from "express";
import { ipKeyGenerator, rateLimit, type Store } from "express-rate-limit";
import { ApiError } from "./api-error.ts";
import { tokenDigest, type Authoriser } from "./authorise.ts";

export interface RateLimitDeps {
  readonly authoriser: Pick<Authoriser, "caller">;
  readonly rateLimit: { readonly store: Store; readonly perMinute: number };
}

/**
 * So many requests a minute for each valid token, whichever replica answers; those without one are counted by their address,
 * so that guessing tokens is slowed. Says where one stands in `RateLimit` and `RateLimit-Policy`.
 */
export function rateLimiter({ authoriser, rateLimit: { store, perMinute } }: RateLimitDeps): RequestHandler {
  return rateLimit({
    store,
    windowMs: 60_000,
    limit: perMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    // A full Redis refuses to count requests, but still tells the counts, which are wanted most then.
    passOnStoreError: true,
    keyGenerator: async (req) => {
      try {
        await authoriser.caller(req);
        return tokenDigest(req)?.toString("hex") ?? "";
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return ipKeyGenerator(req.ip ?? "");
      }
    },
    handler: (_req, _res, next) => {
      next(new ApiError("rate_limited", "Rate limit exceeded. Try again later."));
    },
  });
}
