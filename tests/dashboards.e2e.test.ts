import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dashboards, provisionedRules } from "./support/grafana.ts";
import { startMonitoring, type Monitoring } from "./support/monitoring.ts";
import { hasPrometheus } from "./support/prometheus-tools.ts";
import { TargetReceiver } from "./support/target-receiver.ts";
import { until } from "./support/until.ts";
import { failureOf, freshInstance, observation, signal, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

/** Prometheus scrapes twice a second. Windows are not scaled, so that the last query still covers the webhooks. */
const TIMES = { divisor: 30, rulesDivisor: 1 };
const INSTANCE = freshInstance();

/** The values of Grafana's variables, for a dashboard of the last ten minutes. */
const VARIABLES = {
  $__rate_interval: "10m",
  $__range: "10m",
  '=~"$wa_instance"': '=~".*"',
  '="$wa_instance"': `="${INSTANCE}"`,
};

const queries = dashboards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr, refId }) => ({
      at: `${title}: ${panel.title} (${refId})`,
      expr: filledIn(expr),
    })),
  ),
);

let system: System;
let receiver: TargetReceiver;
let monitoring: Monitoring;

describe.skipIf(!hasPrometheus)("dashboards over a running system (skipped without Prometheus)", () => {
  beforeAll(async () => {
    receiver = await TargetReceiver.start();
    system = await sharedSystem();
    await system.send("POST", "/targets", { name: "receiver", url: receiver.url, mode: "relay" });
    // The share of used memory is shown only if Redis has a memory limit; by default it has none.
    await system.askRedis("CONFIG", "SET", "maxmemory", "1000000000");
    monitoring = await startMonitoring({ targets: system.prometheusTargets(), ...TIMES });
    await sendAll("first");
    // A rate needs two samples of each process, and Prometheus scrapes the processes at different times.
    await monitoring.seen(`ticktally_messages_total{wa_instance="${INSTANCE}",direction="incoming"} > 0`);
    await monitoring.seen("ticktally_pipeline_lag_seconds_count > 0");
    await monitoring.seen("ticktally_webhooks_received_total > 0");
    await sendAll("second");
    await sendAll("third");
  }, 90_000);
  afterAll(async () => {
    await monitoring?.stop();
    await system?.askRedis("CONFIG", "SET", "maxmemory", "0");
    await receiver?.stop();
  });

  it.each(queries)("$at shows numbers", async ({ expr }) => {
    const isShown = async () => {
      const series = await monitoring.query(expr);
      return series.some(({ value: [, text] }) => Number.isFinite(Number(text)));
    };
    await until(`there are numbers for ${expr}`, isShown, 20_000);
  });

  it.each(dashboards)("$title has values for each variable", async ({ templating }) => {
    for (const { type, query } of templating.list.filter(({ type }) => type === "query")) {
      const [, metric = "", label = ""] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
      expect(type).toBe("query");
      const series = await monitoring.query(metric);
      expect(series.map(({ metric: labels }) => labels[label])).toContain(INSTANCE);
    }
  });

  it.each(provisionedRules())("the rule $title is valid for Prometheus", async ({ data }) => {
    await monitoring.query(data[0]?.model.expr ?? "");
  });
});

/** Send webhooks of all kinds, so that each panel has data. */
async function sendAll(prefix: string): Promise<void> {
  const id = (name: string) => `${prefix}-${name}`;
  const webhooks = [
    signal(INSTANCE, "stateInstanceChanged", { stateInstance: "authorized" }),
    observation("incoming", INSTANCE, id("incoming")),
    observation("phone", INSTANCE, id("phone")),
    observation("api", INSTANCE, id("api")),
    ...["sent", "delivered", "read"].map((status) => statusOf(INSTANCE, id("api"), status)),
    statusOf(INSTANCE, id("api"), "played"),
    failureOf(INSTANCE, id("failed"), "Uploader Error"),
    // An unknown status is quarantined.
    statusOf(INSTANCE, id("odd"), "evaporated"),
  ];
  await system.acceptInOrder(...webhooks);
}

function filledIn(expr: string): string {
  return Object.entries(VARIABLES).reduce((text, [name, value]) => text.replaceAll(name, value), expr);
}
