import { z } from "zod";
import { GROUPS_MAX } from "./series-query.ts";

/** Parameters of queries that can only be grouped by instance. */
export const byInstance = {
  groupBy: z.literal("instance").optional().describe("Also show the instances separately."),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(GROUPS_MAX)
    .default(100)
    .describe("Maximum number of groups; the rest is summed as the group `other`."),
};
