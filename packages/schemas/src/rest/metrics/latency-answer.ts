import { z } from "zod";
import { byInstance } from "./by-instance.ts";
import { csvFormat } from "./csv-format.ts";
import { count, hourEdge, periodQuery } from "./period-query.ts";

/** The query of `GET /metrics/:instances/latency`: all time, or UTC days within the last 400. */
export const latencyQuery = z
  .strictObject({
    ...periodQuery,
    step: z.literal("day").optional().describe("Also show UTC days separately."),
    ...byInstance,
    ...csvFormat,
  })
  .refine(({ step, groupBy }) => step === undefined || groupBy === undefined, {
    error: "Use either `step=day` or `groupBy=instance`, not both",
  });

const seconds = z.number().nonnegative().nullable();

const latencyStage = z
  .object({ count, mean: seconds, p50: seconds, p90: seconds, p99: seconds })
  .meta({ id: "LatencyOfStage" });
export type LatencyOfStage = z.infer<typeof latencyStage>;

const latencyStages = z
  .object({
    sentToDelivered: latencyStage,
    deliveredToRead: latencyStage,
    eventToReceipt: latencyStage.describe("From an event to the receipt of its webhook."),
  })
  .meta({ id: "LatencyStages" });
export type LatencyStages = z.infer<typeof latencyStages>;

/** The `latency` of `GET /metrics/:instances/latency`, in seconds; `null` if nothing was measured yet. */
export const latency = z
  .object({
    instance: z.string(),
    from: hourEdge
      .nullable()
      .describe("The beginning that was used: latencies are kept by UTC day; `null` for all time."),
    to: hourEdge.nullable().describe("The end that was used, exclusive."),
    stages: latencyStages,
    points: z
      .array(z.object({ at: hourEdge, stages: latencyStages }).meta({ id: "LatencyOfDay" }))
      .optional()
      .describe("With `step=day`."),
    groups: z
      .array(
        z
          .object({
            key: z.object({ instance: z.string().optional(), other: z.literal(true).optional() }),
            stages: latencyStages,
          })
          .meta({ id: "LatencyOfInstance" }),
      )
      .optional()
      .describe("With `groupBy=instance`: the most measurements first, then the rest as `other`."),
  })
  .meta({ id: "Latency" });
export type Latencies = z.infer<typeof latency>;

export const latencyAnswer = z.object({ success: z.literal(true), latency }).meta({ id: "LatencyAnswer" });
