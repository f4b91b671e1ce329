import { z } from "zod";
import { GROUPS_MAX } from "./series-query.ts";

/** Of queries that tell instances apart, and nothing else. */
export const byInstance = {
  groupBy: z.literal("instance").optional().describe("Tell the instances apart as well."),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(GROUPS_MAX)
    .default(100)
    .describe("Groups at most; the rest is summed as the group `other`."),
};
