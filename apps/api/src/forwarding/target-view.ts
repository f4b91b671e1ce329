import type { DeadLetter, TargetOverview } from "@ticktally/redis";
import type { deadAnswer, StoredTarget, TargetView } from "@ticktally/schemas";
import type { z } from "zod";

/** @param shownTo for a read token the address has no path, because many receivers have a secret there */
export function targetView(
  { name, url, mode, state, instances, filter }: StoredTarget,
  overview: TargetOverview,
  shownTo: "account" | "read",
): TargetView {
  const { depth, oldestAtMs, lastStatus, lastSuccessAtMs, dead, dropped } = overview;
  return {
    name,
    url: shownTo === "read" ? `${new URL(url).origin}/***` : url,
    mode,
    state,
    instances: instances ?? null,
    filter: filter ?? null,
    depth,
    oldestAt: timeOf(oldestAtMs),
    lastStatus: lastStatus ?? null,
    lastSuccessAt: timeOf(lastSuccessAtMs),
    dead,
    dropped,
  };
}

export function deadView(letter: DeadLetter): z.infer<typeof deadAnswer>["dead"][number] {
  const { id, webhookId, instance, type, reason, receivedAtMs, deadAtMs, lastStatus, isReplayable } = letter;
  return {
    id,
    webhookId,
    instance,
    type,
    reason,
    receivedAt: new Date(receivedAtMs).toISOString(),
    deadAt: new Date(deadAtMs).toISOString(),
    lastStatus,
    replayable: isReplayable,
  };
}

function timeOf(unixMs: number | undefined): string | null {
  return unixMs === undefined ? null : new Date(unixMs).toISOString();
}
