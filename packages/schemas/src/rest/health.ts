import { z } from "zod";

/** What processes report about themselves, and `GET /health`. */

export const PROCESS_APPS = ["ingest", "worker", "forwarder", "api"] as const;
export type ProcessApp = (typeof PROCESS_APPS)[number];

const count = z.number().int().nonnegative();
const moment = z.iso.datetime();

const heartbeat = z.object({
  app: z.enum(PROCESS_APPS),
  id: z.string(),
  pid: count,
  ready: z.boolean(),
  /** Why it is not ready. */
  reasons: z.array(z.string()),
  /** Problems that do not stop it from working. */
  warnings: z.array(z.string()),
  memoryBytes: count,
  /** Rates over the last seconds, such as `accepted`. */
  ratesPerSecond: z.record(z.string(), z.number()),
  /** Current measurements, such as `lagSeconds`. */
  gauges: z.record(z.string(), z.number()),
});

/** What Redis stores about a process for a few seconds. */
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
          .describe("The oldest webhook that is not counted yet; `null` if there is none."),
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
