import type { FAILURES } from "@ticktally/core";
import { z } from "zod";
import { byInstance } from "./by-instance.ts";
import { csvFormat } from "./csv-format.ts";
import { count, hourEdge, periodQuery } from "./period-query.ts";
import { failureWord, reasonWord } from "../words.ts";

/** The query of `GET /metrics/:instances/failures`: all time, or a period within the last 400 days. */
export const failuresQuery = z.strictObject({ ...periodQuery, ...byInstance, ...csvFormat });

const failureExample = z
  .object({
    instance: z.string(),
    idMessage: z.string(),
    status: failureWord,
    reason: reasonWord,
    description: z.string().optional().describe("The gateway's text, without long numbers."),
    at: z.iso.datetime(),
  })
  .meta({ id: "FailureExample" });
export type FailureExample = z.infer<typeof failureExample>;

const failuresByStatus = z
  .object({
    failed: count,
    noAccount: count,
    notInGroup: count,
    noActiveSession: count,
  } satisfies Record<(typeof FAILURES)[number], z.ZodType>)
  .meta({ id: "FailuresByStatus" });

const failureCounts = {
  total: count,
  byStatus: failuresByStatus,
  byReason: z
    .array(z.object({ status: failureWord, reason: reasonWord, count }).meta({ id: "FailuresByReason" }))
    .describe("Only what occurred, most frequent first."),
};
export type FailureCounts = z.infer<z.ZodObject<typeof failureCounts>>;

/** The `failures` of `GET /metrics/:instances/failures`. */
export const failures = z
  .object({
    instance: z.string(),
    from: hourEdge.nullable().describe("The beginning that was used; `null` if no period was asked for."),
    to: hourEdge.nullable(),
    ...failureCounts,
    examples: z
      .array(failureExample)
      .describe("The newest, at most 20. With more than 500 instances, only of the 500 with the most failures."),
    groups: z
      .array(
        z
          .object({
            key: z.object({ instance: z.string().optional(), other: z.literal(true).optional() }),
            ...failureCounts,
          })
          .meta({ id: "FailuresOfInstance" }),
      )
      .optional()
      .describe("With `groupBy=instance`: the most failures first, then the rest as `other`."),
  })
  .meta({ id: "Failures" });
export type Failures = z.infer<typeof failures>;

export const failuresAnswer = z.object({ success: z.literal(true), failures }).meta({ id: "FailuresAnswer" });
