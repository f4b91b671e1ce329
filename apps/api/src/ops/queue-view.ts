import type { RequestListener } from "node:http";
import type { QueueBoard } from "@ticktally/redis";
import { StoreUnavailableError } from "@ticktally/core";
import { SECURITY_HEADERS, type Logger } from "@ticktally/telemetry";
import express, { type Request, type RequestHandler } from "express";
import { ApiError, errorHandler } from "../http/api-error.ts";
import { requestToken, type Authoriser } from "../access/authorise.ts";
import { failedLoginLimiter, type RequestLimit } from "../access/rate-limiter.ts";

const PATH = "/queues";

/** The page refers to fonts on other hosts. This policy stops the browser from loading them, so the page works offline. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

interface QueueViewDeps {
  readonly queues: Pick<QueueBoard, "queues">;
  readonly authoriser: Pick<Authoriser, "isAccount">;
  readonly rateLimit: RequestLimit;
  readonly logger: Logger;
}

/**
 * `/queues` on the ops port: BullMQ's queues in a browser, read-only, for the account's token: as the password of HTTP Basic, or in the
 * usual headers. Failed logins are limited as in REST. The library is loaded when the page is first opened.
 */
export function queueView({ queues, authoriser, rateLimit, logger }: QueueViewDeps): {
  readonly path: string;
  readonly take: RequestListener;
} {
  let board: Promise<Board> | undefined;
  const isKnown = (req: Request) => authoriser.isAccount(tokenOf(req));
  const app = express();
  app.disable("x-powered-by");
  app.use((_req, res, next) => {
    res.set({ ...SECURITY_HEADERS, "content-security-policy": POLICY });
    next();
  });
  app.use(failedLoginLimiter(rateLimit, isKnown), (req, res, next) => {
    if (!isKnown(req)) {
      res.set("www-authenticate", 'Basic realm="Ticktally queues, the account token is the password", charset="UTF-8"');
      throw new ApiError(
        "unauthorized",
        "The queues are for the account: send TokenAccount as the password, or in the header `token`.",
      );
    }
    next();
  });
  app.use(PATH, async (req, res, next) => {
    board ??= openBoard();
    const { show, replaceQueues } = await board;
    // There may be new queues since the board was created. The page itself shows no data and works without Redis.
    if (req.path.startsWith("/api/")) replaceQueues(await queues.queues());
    await show(req, res, next);
  });
  app.use(() => {
    throw new ApiError("not_found", `There is nothing at this path; the queues are at ${PATH}.`);
  });
  app.use(errorHandler(logger));
  return { path: PATH, take: app };
}

interface Board {
  readonly show: RequestHandler;
  readonly replaceQueues: (queues: Awaited<ReturnType<QueueBoard["queues"]>>) => void;
}

async function openBoard(): Promise<Board> {
  const [{ createBullBoard }, { ExpressAdapter }] = await Promise.all([
    import("@bull-board/api"),
    import("@bull-board/express"),
  ]);
  const serverAdapter = new ExpressAdapter().setBasePath(PATH);
  const uiConfig = { boardTitle: "Ticktally queues", hideDocsLink: true };
  const { replaceQueues } = createBullBoard({ queues: [], serverAdapter, options: { uiConfig } });
  serverAdapter.setErrorHandler(boardFault);
  // The library's type is `any` for an Express app.
  const app: unknown = serverAdapter.getRouter();
  return { show: express.Router().use(app as RequestHandler), replaceQueues };
}

/** The library would always answer 500 with the raw error message of Redis or the parser. */
function boardFault(error: Error): never {
  if ("statusCode" in error || NONSENSE.some((kind) => error instanceof kind))
    throw new ApiError("bad_request", "The request is malformed.");
  throw new StoreUnavailableError("the queues cannot be read", { cause: error });
}

/** Errors of unchecked queries: names that cannot be decoded, unknown states. */
const NONSENSE = [SyntaxError, URIError, TypeError, RangeError];

function tokenOf(req: Request): string {
  const authorization = req.get("authorization") ?? "";
  const [, basic] = /^basic\s+(\S+)$/i.exec(authorization) ?? [];
  if (basic === undefined) return requestToken(req);
  const pair = Buffer.from(basic, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}
