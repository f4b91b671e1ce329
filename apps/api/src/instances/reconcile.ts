import type { UpstreamStore } from "@ticktally/core";
import type { ReconcileQueue, RedisReconciliationStore } from "@ticktally/redis";
import { gatewayOf, type Pseudonyms } from "@ticktally/gateways";
import type { Reconciliation, ReconciliationAnswer, reconcileScheduledAnswer } from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "../access/authorise.ts";
import { reconcileUpload } from "./reconcile-upload.ts";

export interface ReconcileDeps {
  readonly upstreams: Pick<UpstreamStore, "upstream">;
  readonly reconciliations: Pick<RedisReconciliationStore, "last">;
  readonly reconcileQueue: Pick<ReconcileQueue, "add">;
  /** `undefined`: chat ids are stored unchanged. */
  readonly pseudonyms: Pseudonyms | undefined;
  readonly authoriser: Authoriser;
}

/**
 * Reconcile with the gateway's journals: read them now, or use one from the request; and show the last result. 400 invalid request, 403 not
 * the account, 404 unknown, 409 the instance has no upstream.
 */
export function reconcileRoutes(deps: ReconcileDeps): Router {
  const { upstreams, reconciliations, reconcileQueue, pseudonyms, authoriser } = deps;
  const router = Router();

  router.get("/instances/:name/reconcile", async (req, res) => {
    const caller = await authoriser.caller(req);
    const { id } = await authoriser.instance(caller, req.params.name);
    const [last, upstream] = await Promise.all([reconciliations.last(id), upstreams.upstream(id)]);
    const isScheduled = (upstream?.reconcileEveryMinutes ?? 0) > 0;
    const shown = caller.kind !== "instance" || last === undefined ? last : withoutCause(last);
    const lastRun = shown === undefined ? null : runView(shown, isScheduled);
    const answer: ReconciliationAnswer = { success: true, lastRun };
    res.json(answer);
  });

  router.post("/instances/:name/reconcile", async (req, res) => {
    await authoriser.account(req);
    const { id, name } = await authoriser.instance({ kind: "account" }, req.params.name);
    const api = gatewayOf(id)?.upstream;
    if (api === undefined)
      throw new ApiError("conflict", `The gateway of ${name} has no journals that Ticktally can read.`);
    const upload = await reconcileUpload(req, { api, pseudonyms });
    if (upload.kind === "journal") {
      const { entries, unread } = upload;
      await reconcileQueue.add({ v: 1, kind: "file", instance: id, entries: [...entries], unread });
      res
        .status(202)
        .json(scheduled({ instance: name, source: "file", minutes: null, entries: entries.length, skipped: unread }));
      return;
    }
    if ((await upstreams.upstream(id)) === undefined) throw noUpstream(name);
    const { minutes } = upload;
    const asked = minutes === undefined ? {} : { minutes };
    await reconcileQueue.add({ v: 1, kind: "look", instance: id, source: "request", ...asked });
    const scheduledRun = {
      instance: name,
      source: "request",
      minutes: minutes ?? null,
      entries: 0,
      skipped: 0,
    } as const;
    res.status(202).json(scheduled(scheduledRun));
  });

  return router;
}

type Scheduled = z.infer<typeof reconcileScheduledAnswer>;

function scheduled(scheduledRun: Scheduled["scheduled"]): Scheduled {
  const message = `Reconciliation scheduled; GET /instances/${scheduledRun.instance}/reconcile shows its outcome`;
  return { success: true, message, scheduled: scheduledRun };
}

function noUpstream(name: string): ApiError {
  const how = `PATCH /instances/${name} with {"settings": {"upstream": {"apiUrl", "apiTokenInstance"}}}`;
  return new ApiError("conflict", `${name} has no upstream: ${how}, or send a journal with the request.`);
}

/**
 * The result for an instance's token. The difference between a refused connection, silence, and an unexpected answer would reveal what
 * listens at an address that only this system can reach.
 */
function withoutCause(run: Reconciliation): Reconciliation {
  if (run.outcome === "ok") return run;
  return { ...run, outcome: "unavailable", error: "the gateway gave no usable answer; the account's token shows why" };
}

function runView(run: Reconciliation, isScheduled: boolean): ReconciliationAnswer["lastRun"] {
  const { source, outcome, minutes = null, error = null, checked, missing, behind, known, skipped } = run;
  const [startedAt, finishedAt] = [iso(run.startedAtMs), iso(run.finishedAtMs)];
  const nextAt = isScheduled && run.nextAtMs > 0 ? iso(run.nextAtMs) : null;
  return { source, startedAt, finishedAt, outcome, minutes, checked, missing, behind, known, skipped, error, nextAt };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
