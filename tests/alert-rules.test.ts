import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { describe, expect, it } from "vitest";
import { ALERT_RULES, type AlertName } from "../packages/core/src/index.ts";
import { firingAt, seriesWorld } from "./support/rule-cases.ts";
import { alertRules, DEPLOY } from "./support/rules.ts";

const FOLDER = join(DEPLOY, "prometheus", "tests");

const expected = z.object({
  exp_labels: z.looseObject({ wa_instance: z.string().optional(), target: z.string().optional() }),
  exp_annotations: z.looseObject({ summary: z.string() }),
});
const file = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      interval: z.string(),
      input_series: z.array(z.object({ series: z.string(), values: z.string() })),
      alert_rule_test: z.array(
        z.object({ eval_time: z.string(), alertname: z.string(), exp_alerts: z.array(expected).nullish() }),
      ),
    }),
  ),
});

const minutes = (time: string) => Number(/^(\d+)m$/.exec(time)?.[1]);
const isOurs = (name: string): name is AlertName => name in ALERT_RULES;

/** Each test case of the Prometheus rules whose alert also exists without Prometheus. */
const cases = readdirSync(FOLDER).flatMap((name) =>
  file
    // All scalars are texts: otherwise `0x40`, 41 zeros for promtool, would be read as 64.
    .parse(parse(readFileSync(join(FOLDER, name), "utf8"), { schema: "failsafe" }))
    .tests.map((test) => ({ ...test, asked: test.alert_rule_test.filter(({ alertname }) => isOurs(alertname)) }))
    .filter(({ asked }) => asked.length > 0),
);

describe("alerts without Prometheus fire as its rules do:", () => {
  it.each(cases.map((one) => [one.name, one] as const))("%s", async (_, { interval, input_series, asked }) => {
    const world = seriesWorld(input_series, minutes(interval));
    const firing = await firingAt(
      world,
      asked.map(({ eval_time }) => minutes(eval_time)),
    );
    for (const { eval_time, alertname, exp_alerts } of asked) {
      const reported = (firing.get(minutes(eval_time)) ?? []).filter(({ alert }) => alert === alertname);
      const wanted = (exp_alerts ?? []).map(({ exp_labels, exp_annotations }) => ({
        of: exp_labels.wa_instance ?? exp_labels.target ?? "",
        summary: exp_annotations.summary,
      }));
      expect({ eval_time, reported: reported.map(({ of, summary }) => ({ of, summary })) }).toEqual({
        eval_time,
        reported: wanted,
      });
    }
  });

  it.each(Object.entries(ALERT_RULES))(
    "%s has the same severity and waiting time",
    (name, { severity, forMinutes, keepMinutes }) => {
      const rule = alertRules.find(({ alert }) => alert === name);
      expect(rule?.labels.severity).toBe(severity);
      expect(minutes(rule?.for ?? "0m")).toBe(forMinutes);
      expect(minutes(rule?.keep_firing_for ?? "0m")).toBe(keepMinutes);
    },
  );

  it("each alert has at least one case that fires and one that does not", () => {
    for (const alert of Object.keys(ALERT_RULES)) {
      const own = cases.flatMap(({ asked }) => asked).filter(({ alertname }) => alertname === alert);
      expect([alert, new Set(own.map(({ exp_alerts }) => (exp_alerts ?? []).length > 0)).size]).toEqual([alert, 2]);
    }
  });
});
