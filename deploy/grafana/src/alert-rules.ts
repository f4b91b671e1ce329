/**
 * The alerts of deploy/prometheus/rules/alerts.yml as Grafana-managed rules, so that they are written once: the same expressions, waits,
 * labels and texts.
 */
import { QueryBuilder, RuleBuilder } from "@grafana/grafana-foundation-sdk/alerting";
import { TypeThresholdBuilder } from "@grafana/grafana-foundation-sdk/expr";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { parse } from "yaml";

/** The uid in provisioning/datasources/prometheus.yml. */
const PROMETHEUS_UID = "ticktally-prometheus";
/** Grafana's name for the pseudo data source that works on results of queries. */
const EXPRESSION_UID = "__expr__";
/** Seconds that a query looks back: an instant query needs only its own moment. */
const LOOK_BACK_S = 600;

export interface PrometheusAlert {
  alert: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/**
 * @param alertsYaml the rule file of Prometheus
 * @returns what Grafana's file provisioning reads
 */
export function grafanaAlerting(alertsYaml: string) {
  const file = parse(alertsYaml) as unknown;
  const { groups } = file as { groups: { name: string; rules: PrometheusAlert[] }[] };
  return {
    apiVersion: 1,
    groups: groups.map(({ name, rules }) => ({
      orgId: 1,
      name,
      folder: "Ticktally",
      interval: "30s",
      rules: rules.map((rule) => provisioned(rule, name)),
    })),
  };
}

function provisioned(rule: PrometheusAlert, group: string) {
  const builder = new RuleBuilder(rule.alert)
    .uid(uidOf(rule.alert))
    .ruleGroup(group)
    .condition("B")
    .withQuery(
      new QueryBuilder("A")
        .datasourceUid(PROMETHEUS_UID)
        .model(new DataqueryBuilder().refId("A").expr(rule.expr.trim()).instant()),
    )
    .withQuery(
      // The expression gives a series for each trouble and none for what is well, so any answer is one; values are never negative.
      new QueryBuilder("B").datasourceUid(EXPRESSION_UID).model(
        new TypeThresholdBuilder()
          .refId("B")
          .datasource({ type: EXPRESSION_UID, uid: EXPRESSION_UID })
          .expression("A")
          .conditions([{ evaluator: { type: "gt", params: [-1] } }]),
      ),
    )
    .noDataState("OK")
    .execErrState("Error")
    .forDuration(rule.for ?? "0s")
    .labels(rule.labels)
    .annotations(grafanaTexts(rule.annotations));
  if (rule.keep_firing_for !== undefined) builder.keepFiringFor(rule.keep_firing_for);
  const { title, uid, condition, data, noDataState, execErrState, labels, annotations, ...rest } = builder.build();
  return {
    uid,
    title,
    condition,
    data: data.map((query) => ({
      ...query,
      relativeTimeRange: { from: query.datasourceUid === EXPRESSION_UID ? 0 : LOOK_BACK_S, to: 0 },
    })),
    noDataState,
    execErrState,
    for: rest.for,
    ...(rest.keep_firing_for === undefined ? {} : { keepFiringFor: rest.keep_firing_for }),
    labels,
    annotations,
    isPaused: false,
  };
}

/** `TicktallyQueueStuck` → `ticktally-queue-stuck`. */
function uidOf(alert: string) {
  return alert.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();
}

/** Grafana's templates know the value by its query, and no queries of their own: the leading reason is on the dashboard. */
function grafanaTexts(annotations: Record<string, string>) {
  const text = (words: string) =>
    words
      .replace(/:?\s?\{\{ with printf .*\{\{ end \}\}\{\{ end \}\}/s, "")
      .replaceAll("$value", "$values.A.Value")
      .replace(/\s+/g, " ")
      .trim();
  return Object.fromEntries(Object.entries(annotations).map(([name, words]) => [name, text(words)]));
}
