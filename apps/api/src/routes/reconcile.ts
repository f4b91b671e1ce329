import type { UpstreamStore } from "@ticktally/core";
import type { ReconcileQueue, RedisReconciliationStore } from "@ticktally/redis";
import {
  journalEntry,
  reconcileRequest,
  sifted,
  type Pseudonyms,
  type Reconciliation,
  type ReconciliationAnswer,
  type reconcileScheduledAnswer,
} from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../api-error.ts";
import type { Authoriser } from "../authorise.ts";
import { bodyOf } from "../request-input.ts";

export interface ReconcileDeps {
  readonly upstreams: Pick<UpstreamStore, "upstream">;
  readonly reconciliations: Pick<RedisReconciliationStore, "last">;
  readonly reconcileQueue: Pick<ReconcileQueue, "add">;
  /** `undefined`: chat ids are kept as they come. */
  readonly pseudonyms: Pseudonyms | undefined;
  readonly authoriser: Authoriser;
}

/** The gateway's journal holds 10,000 messages, thumbnails included. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Make good what was lost: have the gateway's journals read now, or send one along; and how it went last.
 * 400 a fault in the request, 403 not the account, 404 unknown, 409 nobody said where the instance lives.
 */
export function reconcileRoutes(deps: ReconcileDeps): Router {
  const { upstreams, reconciliations, reconcileQueue, pseudonyms, authoriser } = deps;
  const router = Router();

  router.get("/instances/:name/reconcile", async (req, res) => {
    const caller = await authoriser.caller(req);
    const { id } = await authoriser.instance(caller, req.params.name);
    const last = await reconciliations.last(id);
    const lastRun = last === undefined ? null : runView(caller.kind === "account" ? last : withoutCause(last));
    const answer: ReconciliationAnswer = { success: true, lastRun };
    res.json(answer);
  });

  router.post("/instances/:name/reconcile", async (req, res) => {
    await authoriser.account(req);
    const { id, name } = await authoriser.instance({ kind: "account" }, req.params.name);
    const request = await bodyOf(req, res, reconcileRequest, { bytesMax: FILE_BYTES_MAX });
    const elements = Array.isArray(request) ? request : "messages" in request ? request.messages : undefined;
    if (elements !== undefined) {
      const { read, unread } = sifted(journalEntry, elements);
      const entries = read.map((entry) => pseudonyms?.journalEntry(entry) ?? entry);
      await reconcileQueue.add({ v: 1, kind: "file", instance: id, entries, unread });
      res
        .status(202)
        .json(scheduled({ instance: name, source: "file", minutes: null, entries: read.length, skipped: unread }));
      return;
    }
    if ((await upstreams.upstream(id)) === undefined) throw noUpstream(name);
    const minutes = "minutes" in request ? request.minutes : undefined;
    const asked = minutes === undefined ? {} : { minutes };
    await reconcileQueue.add({ v: 1, kind: "look", instance: id, source: "request", ...asked });
    const told = { instance: name, source: "request", minutes: minutes ?? null, entries: 0, skipped: 0 } as const;
    res.status(202).json(scheduled(told));
  });

  return router;
}

type Scheduled = z.infer<typeof reconcileScheduledAnswer>;

function scheduled(told: Scheduled["scheduled"]): Scheduled {
  const message = `Reconciliation scheduled; GET /instances/${told.instance}/reconcile tells how it went`;
  return { success: true, message, scheduled: told };
}

function noUpstream(name: string): ApiError {
  const how = `PATCH /instances/${name} with {"settings": {"upstream": {"apiUrl", "apiTokenInstance"}}}`;
  return new ApiError("conflict", `Nobody said where ${name} lives at its gateway: ${how}, or send a journal along.`);
}

/**
 * As an instance's token sees it. Whether something refuses a connection, is silent, or answers otherwise than a gateway would tell what
 * listens at an address that only this system reaches.
 */
function withoutCause(run: Reconciliation): Reconciliation {
  if (run.outcome === "ok") return run;
  return { ...run, outcome: "unavailable", error: "the gateway did not give what was asked for; the account sees why" };
}

function runView(run: Reconciliation): ReconciliationAnswer["lastRun"] {
  const { source, outcome, minutes = null, error = null, checked, missing, behind, known, skipped } = run;
  const [startedAt, finishedAt] = [iso(run.startedAtMs), iso(run.finishedAtMs)];
  const nextAt = run.nextAtMs === 0 ? null : iso(run.nextAtMs);
  return { source, startedAt, finishedAt, outcome, minutes, checked, missing, behind, known, skipped, error, nextAt };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
