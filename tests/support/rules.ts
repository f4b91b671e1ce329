import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

export const DEPLOY = join(import.meta.dirname, "..", "..", "deploy");

const alertRule = z.object({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  keep_firing_for: z.string().optional(),
  labels: z.object({ severity: z.string() }),
  annotations: z.object({ summary: z.string(), description: z.string(), runbook_url: z.string() }),
});
const alertFile = z.object({ groups: z.array(z.object({ name: z.string(), rules: z.array(alertRule) })) });

/** The published alert rules, as they are written. */
export const alertRules = alertFile
  .parse(parse(readFileSync(join(DEPLOY, "prometheus", "rules", "alerts.yml"), "utf8")))
  .groups.flatMap(({ rules }) => rules);
