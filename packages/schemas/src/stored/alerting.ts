import { ALERT_RULES, type AlertName, type SampledCounts, type TargetCounts } from "@ticktally/core";
import { z } from "zod";

/** The state of alerting without Prometheus, kept in Redis between two minutes. */

const count = z.number();
const alert = z.enum(Object.keys(ALERT_RULES) as [AlertName, ...AlertName[]]);

/** Four counters per instance, because there are many instances. */
const sampledCounts = z
  .tuple([count, count, count, count])
  .transform(([sent, delivered, failed, noAccount]): SampledCounts => ({ sent, delivered, failed, noAccount }));

export const storedCounts = z.record(z.string(), sampledCounts).transform((counts) => new Map(Object.entries(counts)));

const targetCounts = z
  .tuple([count, count, count])
  .transform(([refused, dropped, dead]): TargetCounts => ({ refused, dropped, dead }));

export const storedTargetCounts = z
  .record(z.string(), targetCounts)
  .transform((counts) => new Map(Object.entries(counts)));

export const storedSample = z.object({
  minute: count,
  queueAgeSeconds: count,
  grown: storedCounts,
  /** Samples of earlier versions have none. */
  grownTargets: storedTargetCounts.default(() => new Map()),
});

export const storedAlertStates = z.array(
  z.object({
    alert,
    of: z.string(),
    summary: z.string(),
    since: count,
    lastHeld: count,
    isFiring: z.boolean(),
  }),
);

export const storedAlertEvent = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("alert"),
    id: z.string(),
    phase: z.enum(["begins", "ends"]),
    alert,
    severity: z.enum(["critical", "warning"]),
    of: z.string(),
    at: count,
    summary: z.string(),
    description: z.string(),
    runbookUrl: z.string(),
  }),
  z.object({
    kind: z.literal("digest"),
    id: z.string(),
    day: z.string(),
    counts: z.object({ received: count, sent: count, delivered: count, read: count, failed: count }),
  }),
]);
