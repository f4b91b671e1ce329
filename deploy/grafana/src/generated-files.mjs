import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { grafanaAlerting } from "./alert-rules.mjs";
import { instanceDashboard } from "./instance-dashboard.mjs";
import { messagesDashboard } from "./messages-dashboard.mjs";
import { pipelineDashboard } from "./pipeline-dashboard.mjs";

const GRAFANA = join(import.meta.dirname, "..");
const ALERTS = join(GRAFANA, "..", "prometheus", "rules", "alerts.yml");

/**
 * What `node deploy/grafana/generate.mjs` writes.
 *
 * @returns {ReadonlyMap<string, string>} text by path
 */
export function generatedFiles() {
  const dashboards = [messagesDashboard, pipelineDashboard, instanceDashboard].map((dashboard) => dashboard.build());
  // Through JSON, which drops the methods that the SDK's values carry.
  const alerting = /** @type {unknown} */ (JSON.parse(JSON.stringify(grafanaAlerting(readFileSync(ALERTS, "utf8")))));
  const rules = stringify(alerting, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  return new Map([
    ...dashboards.map(
      (dashboard) =>
        /** @type {const} */ ([
          join(GRAFANA, "dashboards", `${dashboard.uid.replace("ticktally-", "")}.json`),
          `${JSON.stringify(dashboard, null, 2)}\n`,
        ]),
    ),
    [
      join(GRAFANA, "provisioning", "alerting", "rules.yml"),
      `# Made by \`node deploy/grafana/generate.mjs\` from deploy/prometheus/rules/alerts.yml; change that.\n${rules}`,
    ],
  ]);
}
