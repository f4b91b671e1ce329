import { z } from "zod";
import { count } from "./period-query.ts";

/** The query of `GET /metrics/:instances/latency`: there is none. */
export const latencyQuery = z.strictObject({});

const seconds = z.number().nonnegative().nullable();

const latencyStage = z.object({ count, mean: seconds, p50: seconds, p90: seconds, p99: seconds });
export type LatencyOfStage = z.infer<typeof latencyStage>;

/** The `latency` of `GET /metrics/:instances/latency`, in seconds; `null` where nothing was measured yet. */
export const latency = z.object({
  instance: z.string().describe("The names asked for, separated by commas."),
  stages: z.object({
    sentToDelivered: latencyStage,
    deliveredToRead: latencyStage,
    eventToReceipt: latencyStage.describe("From an event to the receipt of its webhook."),
  }),
});
export type Latencies = z.infer<typeof latency>;

export const latencyAnswer = z.object({ success: z.literal(true), latency });
