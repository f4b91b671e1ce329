import { FINDING_CODES, FINDING_SEVERITIES } from "@ticktally/core";
import { z } from "zod";

/** A setting at the gateway. Tokens are shown as `***`. */
const change = z
  .object({
    key: z.string(),
    from: z.string().nullable().describe("`null`: not set."),
    to: z.string(),
  })
  .meta({ id: "GatewaySettingChange" });
export type GatewaySettingChange = z.infer<typeof change>;

const finding = z
  .object({
    code: z.enum(FINDING_CODES),
    severity: z
      .enum(FINDING_SEVERITIES)
      .describe(
        "`error`: some webhooks are not counted; `warning`: less is known than could be; `info`: nothing to do.",
      ),
    message: z.string(),
    repair: change
      .optional()
      .describe("What a repair would change. Of another receiver's address only the host is shown."),
  })
  .meta({ id: "Finding" });
export type Finding = z.infer<typeof finding>;

/** `GET /instances/:name/check`: worst first. */
export const checkAnswer = z.object({
  success: z.literal(true),
  check: z.object({
    ok: z.boolean().describe("Whether there are neither errors nor warnings."),
    findings: z.array(finding),
  }),
});

/** `POST /instances/:name/check/repair` */
export const repairRequest = z.strictObject({
  apply: z.boolean().default(false).describe("Without it, nothing is changed."),
  replaceUrl: z.boolean().default(false).describe("Even if another receiver would lose its webhooks."),
});

export const repairAnswer = z.object({
  success: z.literal(true),
  message: z.string(),
  changes: z.array(change),
  restarts: z.boolean().describe("Whether the gateway restarts the instance."),
  target: z
    .object({ mode: z.literal("relay"), url: z.string() })
    .nullable()
    .describe("The receiver that would be replaced, in the form of a target."),
});
