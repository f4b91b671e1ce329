import { attemptOutcome } from "@ticktally/core";
import type { PostOutcome, PostRequest } from "@ticktally/outbound";
import type { LaneQueue, LaneReader, RedisTargets, TargetOverviews } from "@ticktally/redis";
import {
  newTarget,
  targetChange,
  type doneAnswer,
  type StoredTarget,
  type targetAnswer,
  type targetRetryAnswer,
  type targetSecretAnswer,
  type targetsAnswer,
  type targetTestAnswer,
} from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import type { Authoriser } from "../access/authorise.ts";
import { bodyOf } from "../http/request-input.ts";
import type { TargetChanges } from "./target-changes.ts";
import { targetView } from "./target-view.ts";

export interface TargetsDeps {
  readonly targets: Pick<RedisTargets, "read">;
  readonly targetChanges: TargetChanges;
  readonly targetOverviews: Pick<TargetOverviews, "overview" | "attempts">;
  readonly lanes: Pick<LaneReader, "lanesOf">;
  readonly laneQueue: Pick<LaneQueue, "wake" | "hurry">;
  /** Connects only to allowed addresses. */
  readonly post: (request: PostRequest) => Promise<PostOutcome>;
  readonly authoriser: Authoriser;
  /** Unix ms */
  readonly now: () => number;
}

const TEST_TIMEOUT_MS = 10_000;

/**
 * Targets: receivers that webhooks are forwarded to. For the account only. 400 invalid request, 403 not the account, 404 unknown, 409 name
 * taken, too many, or no key.
 */
export function targetRoutes(deps: TargetsDeps): Router {
  const { targets, targetChanges, targetOverviews, lanes, laneQueue, post, authoriser, now } = deps;
  const router = Router();
  const shown = async (target: StoredTarget): Promise<z.infer<typeof targetAnswer>> => ({
    success: true,
    target: targetView(target, await targetOverviews.overview(target.id), "account"),
  });

  const withSecret = async (
    target: StoredTarget,
    secret: string | undefined,
  ): Promise<z.infer<typeof targetSecretAnswer>> => ({
    ...(await shown(target)),
    ...(secret === undefined ? {} : { secret }),
  });

  router.get("/targets", async (req, res) => {
    const shownTo = await authoriser.reader(req);
    const all = (await targets.read()).targets;
    const views = await Promise.all(
      all.map(async (target) => targetView(target, await targetOverviews.overview(target.id), shownTo)),
    );
    const answer: z.infer<typeof targetsAnswer> = { success: true, targets: views };
    res.json(answer);
  });

  router.post("/targets", async (req, res) => {
    await authoriser.account(req);
    const { target, secret } = await targetChanges.create(await bodyOf(req, res, newTarget));
    res.status(201).json(await withSecret(target, secret));
  });

  router.get("/targets/:target", async (req, res) => {
    const shownTo = await authoriser.reader(req);
    const target = await targetChanges.target(req.params.target);
    const [overview, attempts] = await Promise.all([
      targetOverviews.overview(target.id),
      targetOverviews.attempts(target.id),
    ]);
    const view = targetView(target, overview, shownTo);
    const listed = attempts.map(({ atMs, ...attempt }) => ({ at: new Date(atMs).toISOString(), ...attempt }));
    const answer: z.infer<typeof targetAnswer> = { success: true, target: { ...view, attempts: listed } };
    res.json(answer);
  });

  router.patch("/targets/:target", async (req, res) => {
    await authoriser.account(req);
    const target = await targetChanges.change(req.params.target, await bodyOf(req, res, targetChange));
    res.json(await shown(target));
  });

  router.delete("/targets/:target", async (req, res) => {
    await authoriser.account(req);
    await targetChanges.delete(req.params.target);
    const answer: z.infer<typeof doneAnswer> = {
      success: true,
      message: "Target deleted, with everything that waited for it",
    };
    res.json(answer);
  });

  router.post("/targets/:target/pause", async (req, res) => {
    await authoriser.account(req);
    res.json(await shown(await targetChanges.setState(req.params.target, "paused")));
  });

  router.post("/targets/:target/resume", async (req, res) => {
    await authoriser.account(req);
    // Forwarders notice it within a second, and wake its lanes.
    res.json(await shown(await targetChanges.setState(req.params.target, "active")));
  });

  router.post("/targets/:target/retry", async (req, res) => {
    await authoriser.account(req);
    const waiting = await lanes.lanesOf((await targetChanges.target(req.params.target)).id);
    const hurried = await laneQueue.hurry(waiting);
    await laneQueue.wake(waiting);
    const answer: z.infer<typeof targetRetryAnswer> = { success: true, lanes: hurried };
    res.json(answer);
  });

  router.post("/targets/:target/test", async (req, res) => {
    await authoriser.account(req);
    const target = await targetChanges.target(req.params.target);
    const { authorization } = targetChanges.secrets(target);
    const { status, durationMs } = await post({
      url: target.url,
      headers: {
        "content-type": "application/json",
        "user-agent": "Ticktally",
        "webhook-id": `test-${String(now())}`,
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: Buffer.from(JSON.stringify({ type: "ticktally.test", timestamp: new Date(now()).toISOString() })),
      timeoutMs: TEST_TIMEOUT_MS,
    });
    const isOk = attemptOutcome(status, target.mode === "relay") === "success";
    const test = { ok: isOk, status: String(status), durationMs };
    const answer: z.infer<typeof targetTestAnswer> = { success: true, test };
    res.json(answer);
  });

  router.post("/targets/:target/rotate", async (req, res) => {
    await authoriser.account(req);
    const { target, secret } = await targetChanges.rotate(req.params.target);
    res.json(await withSecret(target, secret));
  });

  return router;
}
