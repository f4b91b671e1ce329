import { z } from "zod";

/** What processes tell of themselves, and `GET /health`. */

export const PROCESS_APPS = ["ingest", "worker", "forwarder", "api"] as const;
export type ProcessApp = (typeof PROCESS_APPS)[number];

const count = z.number().int().nonnegative();
const moment = z.iso.datetime();

const heartbeat = z.object({
  app: z.enum(PROCESS_APPS),
  id: z.string(),
  pid: count,
  ready: z.boolean(),
  /** What keeps it from being ready. */
  reasons: z.array(z.string()),
  /** What works but should be seen to. */
  warnings: z.array(z.string()),
  memoryBytes: count,
  /** What it did in the last seconds, such as `accepted`. */
  ratesPerSecond: z.record(z.string(), z.number()),
  /** What it measures now, such as `lagSeconds`. */
  gauges: z.record(z.string(), z.number()),
});

/** What Redis keeps of a process for some seconds. */
export const storedHeartbeat = heartbeat.extend({
  /** Unix seconds */
  startedAt: count,
});
export type StoredHeartbeat = z.infer<typeof storedHeartbeat>;

/** `GET /health` */
export const healthAnswer = z.object({
  success: z.literal(true),
  health: z
    .object({
      processes: z.array(heartbeat.extend({ startedAt: moment }).meta({ id: "ProcessHealth" })),
      queue: z.object({
        waiting: count,
        active: count,
        delayed: count,
        failed: count,
        oldestReceivedAt: moment
          .nullable()
          .describe("Of the webhooks that are not counted yet; `null` where there are none."),
      }),
      quarantine: z.object({ size: count, bytes: count }),
      redis: z.array(
        z.object({
          node: z.string(),
          usedMemoryBytes: count,
          maxMemoryBytes: count.describe("0: no limit."),
          mayEvict: z.boolean(),
          isAofOk: z.boolean(),
        }),
      ),
    })
    .meta({ id: "Health" }),
});
export type Health = z.infer<typeof healthAnswer>["health"];
export type ProcessHealth = Health["processes"][number];
