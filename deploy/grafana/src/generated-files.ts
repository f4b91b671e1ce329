import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { grafanaAlerting } from "./alert-rules.ts";
import { instanceDashboard } from "./instance-dashboard.ts";
import { messagesDashboard } from "./messages-dashboard.ts";
import { pipelineDashboard } from "./pipeline-dashboard.ts";

const DEPLOY = join(import.meta.dirname, "..", "..");
const GRAFANA = join(DEPLOY, "grafana");
const RULES = join(DEPLOY, "prometheus", "rules");
const ALERTS = join(RULES, "alerts.yml");

/**
 * What `npm run dashboards` writes.
 *
 * @returns text by path
 */
export function generatedFiles(): ReadonlyMap<string, string> {
  const dashboards = [messagesDashboard, pipelineDashboard, instanceDashboard].map((dashboard) => dashboard.build());
  // Through JSON, which drops the methods that the SDK's values carry.
  const alerting = JSON.parse(JSON.stringify(grafanaAlerting(readFileSync(ALERTS, "utf8")))) as unknown;
  const rules = stringify(alerting, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  const rulesForOperator = stringify(prometheusRule(), { lineWidth: 0, aliasDuplicateObjects: false });
  return new Map([
    [
      join(DEPLOY, "kubernetes", "prometheusrule.yml"),
      `# Made by \`npm run dashboards\` from deploy/prometheus/rules, for the Prometheus operator.\n${rulesForOperator}`,
    ],
    ...dashboards.map(
      (dashboard) =>
        [
          join(GRAFANA, "dashboards", `${dashboard.uid.replace("ticktally-", "")}.json`),
          `${JSON.stringify(dashboard, null, 2)}\n`,
        ] as const,
    ),
    [
      join(GRAFANA, "provisioning", "alerting", "rules.yml"),
      `# Made by \`npm run dashboards\` from deploy/prometheus/rules/alerts.yml; change that.\n${rules}`,
    ],
  ]);
}

/**
 * The alerts of Prometheus, and their tests, with another address of the runbook.
 *
 * @param address of the page, https, without a section
 * @returns text by path
 * @throws {Error} it is no such address
 */
export function filesWithRunbook(address: string): ReadonlyMap<string, string> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== "https:" || url.hash !== "" || /[\s"]/.test(address)) {
    throw new Error(`The runbook's address must be https and have no section: ${address}`);
  }
  const tests = join(DEPLOY, "prometheus", "tests");
  const paths = [ALERTS, ...readdirSync(tests).map((name) => join(tests, name))];
  return new Map(
    paths.map((path) => {
      const text = readFileSync(path, "utf8");
      return [path, text.replace(/(?<=\brunbook_url: "?)[^"#\s]*(?=#)/g, () => address)];
    }),
  );
}

/** The rules of Prometheus as the operator takes them. */
function prometheusRule() {
  const groups = ["recording.yml", "alerts.yml"].flatMap((name) => {
    const file = parse(readFileSync(join(RULES, name), "utf8")) as unknown;
    return (file as { groups: object[] }).groups;
  });
  const metadata = { name: "ticktally", namespace: "ticktally", labels: { "app.kubernetes.io/part-of": "ticktally" } };
  return { apiVersion: "monitoring.coreos.com/v1", kind: "PrometheusRule", metadata, spec: { groups } };
}
