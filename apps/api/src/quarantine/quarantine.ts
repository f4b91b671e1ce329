import type { RedisQuarantine } from "@ticktally/redis";
import {
  quarantineQuery,
  replayRequest,
  type doneAnswer,
  type quarantineAnswer,
  type quarantineEntryAnswer,
  type replayAnswer,
} from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "../access/authorise.ts";
import { replay, type ReplayDeps } from "./quarantine-replay.ts";
import { quarantineView, webhookView } from "./quarantine-view.ts";
import { bodyOf, queryOf } from "../http/request-input.ts";

export interface QuarantineDeps {
  readonly quarantine: RedisQuarantine;
  readonly webhookQueue: ReplayDeps["queue"];
  readonly authoriser: Authoriser;
  /** Unix ms */
  readonly now: () => number;
}

/** The quarantine: list entries, show one, replay after a fix, discard. Read tokens may read, the account may change. 404 unknown id. */
export function quarantineRoutes({ quarantine, webhookQueue, authoriser, now }: QuarantineDeps): Router {
  const router = Router();

  router.get("/quarantine", async (req, res) => {
    await authoriser.reader(req);
    const { limit, cursor, reason, instance } = queryOf(req, quarantineQuery);
    const filter = { ...(reason === undefined ? {} : { reason }), ...(instance === undefined ? {} : { instance }) };
    const [size, page] = await Promise.all([quarantine.size(), quarantine.list(filter, limit, cursor)]);
    const [entries, nextCursor] = [page.entries.map(quarantineView), page.nextCursor ?? null];
    const answer: z.infer<typeof quarantineAnswer> = { success: true, size, entries, nextCursor };
    res.json(answer);
  });

  router.post("/quarantine/replay", async (req, res) => {
    await authoriser.account(req);
    const request = await bodyOf(req, res, replayRequest);
    const counts = await replay({ quarantine, queue: webhookQueue, now }, request);
    const answer: z.infer<typeof replayAnswer> = { success: true, ...counts };
    res.json(answer);
  });

  router.get("/quarantine/:id", async (req, res) => {
    await authoriser.reader(req);
    const [entry] = await quarantine.entries([req.params.id]);
    if (entry === undefined) throw notFound(req.params.id);
    const view = { ...quarantineView(entry), webhook: webhookView(entry.text) };
    const answer: z.infer<typeof quarantineEntryAnswer> = { success: true, entry: view };
    res.json(answer);
  });

  router.delete("/quarantine/:id", async (req, res) => {
    await authoriser.account(req);
    if ((await quarantine.remove([req.params.id])) === 0) throw notFound(req.params.id);
    const answer: z.infer<typeof doneAnswer> = {
      success: true,
      message: `Quarantine entry ${req.params.id} discarded`,
    };
    res.json(answer);
  });

  return router;
}

function notFound(id: string): ApiError {
  return new ApiError("not_found", `Quarantine entry not found: ${id.slice(0, 80)}; it may have been replayed since.`);
}
