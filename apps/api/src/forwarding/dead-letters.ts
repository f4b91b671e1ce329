import type { DeadLetters, LaneQueue } from "@ticktally/redis";
import {
  deadQuery,
  deadReplayRequest,
  type deadAnswer,
  type deadDiscardAnswer,
  type deadReplayAnswer,
  type doneAnswer,
} from "@ticktally/schemas";
import { Router } from "express";
import type { z } from "zod";
import { ApiError } from "../http/api-error.ts";
import type { Authoriser } from "../access/authorise.ts";
import { bodyOf, queryOf } from "../http/request-input.ts";
import type { TargetChanges } from "./target-changes.ts";
import { deadView } from "./target-view.ts";

export interface DeadLettersDeps {
  readonly targetChanges: Pick<TargetChanges, "target">;
  readonly deadLetters: DeadLetters;
  readonly laneQueue: Pick<LaneQueue, "wake">;
  readonly laneBytesMax: number;
  readonly authoriser: Authoriser;
  /** Unix ms */
  readonly now: () => number;
}

/** Dead letters: list, send again, discard. For the account only. 404 unknown target or id. */
export function deadLetterRoutes({
  targetChanges,
  deadLetters,
  laneQueue,
  laneBytesMax,
  authoriser,
  now,
}: DeadLettersDeps): Router {
  const router = Router();

  router.get("/targets/:target/dead", async (req, res) => {
    await authoriser.reader(req);
    const { limit, cursor } = queryOf(req, deadQuery);
    const { id } = await targetChanges.target(req.params.target);
    const { letters, nextCursor } = await deadLetters.list(id, limit, cursor);
    const answer: z.infer<typeof deadAnswer> = {
      success: true,
      dead: letters.map(deadView),
      nextCursor: nextCursor ?? null,
    };
    res.json(answer);
  });

  router.post("/targets/:target/dead/replay", async (req, res) => {
    await authoriser.account(req);
    const { ids } = await bodyOf(req, res, deadReplayRequest);
    const { id: target } = await targetChanges.target(req.params.target);
    const asked = ids ?? (await deadLetters.ids(target));
    const instances = new Set<string>();
    let replayed = 0;
    for (const id of asked) {
      const instance = await deadLetters.replay(target, id, laneBytesMax, now());
      if (instance === undefined) continue;
      instances.add(instance);
      replayed += 1;
    }
    await laneQueue.wake([...instances].map((instance) => ({ target, instance })));
    const answer: z.infer<typeof deadReplayAnswer> = { success: true, replayed, left: asked.length - replayed };
    res.json(answer);
  });

  router.delete("/targets/:target/dead", async (req, res) => {
    await authoriser.account(req);
    const { id: target } = await targetChanges.target(req.params.target);
    const answer: z.infer<typeof deadDiscardAnswer> = {
      success: true,
      discarded: await deadLetters.discardAll(target),
    };
    res.json(answer);
  });

  router.delete("/targets/:target/dead/:id", async (req, res) => {
    await authoriser.account(req);
    const { id: target } = await targetChanges.target(req.params.target);
    if (!(await deadLetters.discard(target, req.params.id)))
      throw new ApiError("not_found", "There is no dead letter with this id; it may have been replayed.");
    const answer: z.infer<typeof doneAnswer> = { success: true, message: "Dead letter discarded" };
    res.json(answer);
  });

  return router;
}
