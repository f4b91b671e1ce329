import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { DEPLOY } from "./rules.ts";

const GRAFANA = join(DEPLOY, "grafana");

const target = z.object({ expr: z.string().min(1), legendFormat: z.string().min(1), refId: z.string() });
const panel = z.object({
  id: z.number().int(),
  type: z.string(),
  title: z.string().min(1),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  description: z.string().optional(),
  datasource: z.object({ type: z.string().optional(), uid: z.string() }).optional(),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string().optional() }) }).optional(),
  targets: z.array(target).optional(),
});
const dashboard = z.object({
  uid: z.string().max(40),
  title: z.string().min(1),
  schemaVersion: z.number(),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), query: z.string(), multi: z.boolean() })),
  }),
  panels: z.array(panel).min(1),
});
export type Dashboard = z.infer<typeof dashboard>;

/** The dashboards that we publish. */
export const dashboards: readonly Dashboard[] = readdirSync(join(GRAFANA, "dashboards")).map((name) =>
  dashboard.parse(JSON.parse(readFileSync(join(GRAFANA, "dashboards", name), "utf8"))),
);

/** The fields that Grafana reads in a rule file, from its pkg/services/provisioning/alerting/rules_types.go. An unknown field is an error. */
const duration = z.string().regex(/^(\d+([wdhms]))+$/);
const query = z.strictObject({
  refId: z.string(),
  datasourceUid: z.string(),
  relativeTimeRange: z.strictObject({ from: z.number().int().nonnegative(), to: z.literal(0) }),
  model: z.looseObject({ refId: z.string(), expr: z.string().optional(), expression: z.string().optional() }),
});
const rule = z.strictObject({
  uid: z.string().regex(/^[a-z0-9-]{1,40}$/),
  title: z.string().min(1),
  condition: z.string(),
  data: z.array(query).min(1),
  noDataState: z.enum(["OK", "NoData", "Alerting", "KeepLast"]),
  execErrState: z.enum(["OK", "Error", "Alerting", "KeepLast"]),
  for: duration,
  keepFiringFor: duration.optional(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  isPaused: z.boolean(),
});
const alerting = z.strictObject({
  apiVersion: z.literal(1),
  groups: z.array(
    z.strictObject({
      orgId: z.literal(1),
      name: z.string(),
      folder: z.string(),
      interval: duration,
      rules: z.array(rule).min(1),
    }),
  ),
});

/** @throws Grafana would refuse the file */
export function provisionedRules() {
  const text = readFileSync(join(GRAFANA, "provisioning", "alerting", "rules.yml"), "utf8");
  return alerting.parse(parse(text)).groups.flatMap(({ rules }) => rules);
}

const datasources = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(z.looseObject({ uid: z.string(), type: z.string(), url: z.string() })).length(1),
});

/** The uids of the data sources that are provisioned. */
export function provisionedDatasources(): readonly string[] {
  const text = readFileSync(join(GRAFANA, "provisioning", "datasources", "prometheus.yml"), "utf8");
  return datasources.parse(parse(text)).datasources.map(({ uid }) => uid);
}
