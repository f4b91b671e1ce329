import type { RequestListener } from "node:http";
import type { boardQueues } from "@ticktally/redis";
import { SECURITY_HEADERS } from "@ticktally/telemetry";
import express, { type Request, type RequestHandler } from "express";
import type { Authoriser } from "./authorise.ts";

const PATH = "/queues";

/** The page itself names fonts elsewhere; with this the browser does not ask for them, so it loads without the internet. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

interface QueueViewDeps {
  readonly queues: () => ReturnType<typeof boardQueues>;
  readonly authoriser: Pick<Authoriser, "isAccount">;
}

/**
 * `/queues` on the ops port: BullMQ's queues in a browser, to look at only, for who has the account's token: as the
 * password of HTTP Basic, or as everywhere. The board's library is loaded when somebody first looks.
 */
export function queueView({ queues, authoriser }: QueueViewDeps): {
  readonly path: string;
  readonly take: RequestListener;
} {
  let board: Promise<RequestHandler> | undefined;
  const app = express();
  app.disable("x-powered-by");
  app.use(PATH, (req, res, next) => {
    res.set({ ...SECURITY_HEADERS, "content-security-policy": POLICY });
    if (authoriser.isAccount(tokenOf(req))) {
      next();
      return;
    }
    const message = "The queues are for the account: send TokenAccount as the password, or in the header `token`.";
    res.set("www-authenticate", 'Basic realm="Ticktally queues, the account token is the password", charset="UTF-8"');
    res.status(401).json({ success: false, error: { code: "unauthorized", message } });
  });
  app.use(PATH, async (req, res, next) => {
    board ??= boardOf(queues);
    const show = await board;
    await show(req, res, next);
  });
  return { path: PATH, take: app };
}

async function boardOf(queues: QueueViewDeps["queues"]): Promise<RequestHandler> {
  const [{ createBullBoard }, { ExpressAdapter }] = await Promise.all([
    import("@bull-board/api"),
    import("@bull-board/express"),
  ]);
  const serverAdapter = new ExpressAdapter().setBasePath(PATH);
  const uiConfig = { boardTitle: "Ticktally queues", hideDocsLink: true };
  createBullBoard({ queues: await queues(), serverAdapter, options: { uiConfig } });
  // The library says `any` of what is an Express app.
  const app: unknown = serverAdapter.getRouter();
  return express.Router().use(app as RequestHandler);
}

function tokenOf(req: Request): string {
  const authorization = req.get("authorization") ?? "";
  const [, basic] = /^basic\s+(\S+)$/i.exec(authorization) ?? [];
  if (basic === undefined) return (req.get("token") ?? authorization.replace(/^bearer\s+/i, "")).trim();
  const pair = Buffer.from(basic, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1);
}
