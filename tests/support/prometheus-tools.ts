import { join } from "node:path";
import { findPrometheusTools } from "../../scripts/development/prometheus-tools.mjs";

const ROOT = join(import.meta.dirname, "..", "..");
const found = await findPrometheusTools({ dataDir: join(ROOT, ".ticktally") });

if (typeof found === "string") {
  process.stderr.write(`\n*** NOT TESTED: alerts, rules and dashboards, the tests below are skipped: ${found} ***\n\n`);
}

const NONE = { promtool: "", amtool: "", prometheus: "", alertmanager: "" };

/** Whether Prometheus's programs are to be had here; tests that need them are skipped if not, and that is said aloud. */
export const hasPrometheus = typeof found !== "string";
export const tools = typeof found === "string" ? NONE : found;
