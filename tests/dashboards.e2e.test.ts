import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dashboards, provisionedRules } from "./support/grafana.ts";
import { startMonitoring, type Monitoring } from "./support/monitoring.ts";
import { hasPrometheus } from "./support/prometheus-tools.ts";
import { TargetReceiver } from "./support/target-receiver.ts";
import { until } from "./support/until.ts";
import { failureOf, freshInstance, observation, signal, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import type { System } from "./system.ts";

/** Prometheus looks twice a second. Windows stay as they are, so that what was sent still shows at the last of the queries. */
const TIMES = { divisor: 30, rulesDivisor: 1 };
const INSTANCE = freshInstance();

/** What Grafana puts in place of its variables, for a dashboard that shows the last ten minutes. */
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
    // Redis has no limit by default; its share of memory is shown only if it has.
    await system.askRedis("CONFIG", "SET", "maxmemory", "1000000000");
    monitoring = await startMonitoring({ targets: system.prometheusTargets(), ...TIMES });
    await sendAll("first");
    // A rate needs a value before and one after, of each process: Prometheus begins with each at its own moment.
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

  it.each(dashboards)("$title finds something to choose from in each variable", async ({ templating }) => {
    for (const { type, query } of templating.list.filter(({ type }) => type === "query")) {
      const [, metric = "", label = ""] = /^label_values\((\w+), (\w+)\)$/.exec(query) ?? [];
      expect(type).toBe("query");
      const series = await monitoring.query(metric);
      expect(series.map(({ metric: labels }) => labels[label])).toContain(INSTANCE);
    }
  });

  it.each(provisionedRules())("the rule $title is taken by Prometheus", async ({ data }) => {
    await monitoring.query(data[0]?.model.expr ?? "");
  });
});

/** Something of everything, so that each panel has something to show. */
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
    // A status that nobody knows goes to quarantine.
    statusOf(INSTANCE, id("odd"), "evaporated"),
  ];
  await system.acceptInOrder(...webhooks);
}

function filledIn(expr: string): string {
  return Object.entries(VARIABLES).reduce((text, [name, value]) => text.replaceAll(name, value), expr);
}
