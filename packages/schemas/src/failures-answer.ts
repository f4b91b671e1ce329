import { FAILURE_REASONS, FAILURES } from "@ticktally/core";
import { z } from "zod";
import { count, hourEdge, periodQuery } from "./period-query.ts";

/** The query of `GET /metrics/:instances/failures`: all there ever was, or a period of the last 400 days. */
export const failuresQuery = z.strictObject(periodQuery);

const failureExample = z.object({
  instance: z.string(),
  idMessage: z.string(),
  status: z.enum(FAILURES),
  reason: z.enum(FAILURE_REASONS),
  description: z.string().optional().describe("The gateway's words; long numbers in them are left out."),
  at: z.iso.datetime(),
});
export type FailureExample = z.infer<typeof failureExample>;

/** The `failures` of `GET /metrics/:instances/failures`. */
export const failures = z.object({
  instance: z.string().describe("The names asked for, separated by commas."),
  from: hourEdge.nullable().describe("The beginning that was used; `null` if no period was asked for."),
  to: hourEdge.nullable(),
  total: count,
  byStatus: z.record(z.enum(FAILURES), count),
  byReason: z
    .array(z.object({ status: z.enum(FAILURES), reason: z.enum(FAILURE_REASONS), count }))
    .describe("Only what occurred, most often first."),
  examples: z.array(failureExample).describe("The newest of the period, at most 20."),
});
export type Failures = z.infer<typeof failures>;

export const failuresAnswer = z.object({ success: z.literal(true), failures });
