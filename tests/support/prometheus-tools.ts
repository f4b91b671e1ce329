import { join } from "node:path";
import { findPrometheusTools } from "../../scripts/development/prometheus-tools.mjs";

const ROOT = join(import.meta.dirname, "..", "..");
const found = await findPrometheusTools({ dataDir: join(ROOT, ".ticktally") });

if (typeof found === "string") {
  process.stderr.write(`\n*** SKIPPED: the tests of alerts, rules and dashboards below: ${found} ***\n\n`);
}

const NONE = { promtool: "", amtool: "", prometheus: "", alertmanager: "" };

/** Whether Prometheus's programs were found. Without them, tests that need them are skipped and a warning is printed. */
export const hasPrometheus = typeof found !== "string";
export const tools = typeof found === "string" ? NONE : found;
