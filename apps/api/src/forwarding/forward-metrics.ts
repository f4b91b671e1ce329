import type { RedisTargets, TargetOverviews } from "@ticktally/redis";
import { Family, labelled } from "../ops/exposition.ts";

/** Metrics of what waits for targets and what they received. There are at most 100 targets. @param nowMs Unix ms */
export async function forwardText(
  targets: Pick<RedisTargets, "read">,
  overviews: Pick<TargetOverviews, "overview" | "bytes">,
  nowMs: number,
): Promise<string> {
  const all = (await targets.read()).targets;
  const [bytes, found] = await Promise.all([
    overviews.bytes(),
    Promise.all(all.map(async ({ id, name }) => ({ name, ...(await overviews.overview(id)) }))),
  ]);
  const families = {
    bytes: new Family(
      "ticktally_forward_bytes",
      "gauge",
      "Bytes of all webhooks that wait for targets or are dead letters.",
    ),
    depth: new Family("ticktally_forward_depth", "gauge", "Webhooks that wait for a target."),
    oldest: new Family(
      "ticktally_forward_oldest_seconds",
      "gauge",
      "Age of the oldest webhook that waits for a target.",
    ),
    letters: new Family("ticktally_forward_dead_letters", "gauge", "Dead letters that are still listed."),
    delivered: new Family("ticktally_forward_delivered_total", "counter", "Webhooks that a target has received."),
    dead: new Family("ticktally_forward_dead_total", "counter", "Webhooks that became dead letters."),
    dropped: new Family(
      "ticktally_forward_dropped_total",
      "counter",
      "Webhooks that were dropped because there was no room.",
    ),
    refused: new Family(
      "ticktally_forward_refused_total",
      "counter",
      "Webhooks whose senders were refused because a lane was full.",
    ),
  };
  families.bytes.add("", bytes);
  for (const { name, depth, oldestAtMs, dead, delivered, deadEver, dropped, refused } of found) {
    const label = labelled({ target: name });
    families.depth.add(label, depth);
    families.oldest.add(label, oldestAtMs === undefined ? 0 : Math.max(0, nowMs - oldestAtMs) / 1000);
    families.letters.add(label, dead);
    families.delivered.add(label, delivered);
    families.dead.add(label, deadEver);
    families.dropped.add(label, dropped);
    families.refused.add(label, refused);
  }
  return Object.values(families)
    .map((family) => family.text())
    .join("");
}
