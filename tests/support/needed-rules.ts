import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { DEPLOY } from "./rules.ts";

const RULES = join(DEPLOY, "prometheus", "rules");

/** All scalars are texts: otherwise `0x40`, 41 zeros for promtool, would be read as 64. */
const TEXTS = { schema: "failsafe" } as const;

const ruleFile = z.object({
  groups: z.array(
    z.looseObject({
      name: z.string(),
      rules: z.array(
        z.looseObject({ record: z.string().optional(), alert: z.string().optional(), expr: z.string().min(1) }),
      ),
    }),
  ),
});
const testFile = z.looseObject({
  rule_files: z.tuple([z.literal("../rules/*.yml")]),
  group_eval_order: z.array(z.string()),
  tests: z.array(
    z.looseObject({ name: z.string(), alert_rule_test: z.array(z.looseObject({ alertname: z.string() })) }),
  ),
});

const groups = readdirSync(RULES).flatMap(
  (name) => ruleFile.parse(parse(readFileSync(join(RULES, name), "utf8"), TEXTS)).groups,
);
const rules = groups.flatMap((group) => group.rules);

/** The names of the series that rules record. */
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

/** A part of promtool's tests, and the rules for it. */
export interface PartialRuleTest {
  readonly name: string;
  readonly tests: string;
  readonly rules: string;
}

/**
 * The test cases of a file, each alert's with a copy of its rule and of the rules whose series it reads. promtool evaluates every loaded rule
 * in every minute of every case: with all of them, the published files take 30 s of CPU time, and other rules do not change an alert.
 *
 * @param text of a file in deploy/prometheus/tests; what the parts name as their rules is `rules.yml`
 */
export function partialRuleTests(text: string): readonly PartialRuleTest[] {
  const { tests, ...settings } = testFile.parse(parse(text, TEXTS));
  const parts = new Map<string, (typeof tests)[number][]>();
  for (const one of tests) {
    const alerts = [...new Set(one.alert_rule_test.map(({ alertname }) => alertname))].sort().join("-");
    parts.set(alerts, [...(parts.get(alerts) ?? []), one]);
  }
  return [...parts].map(([name, own]) => ({
    name,
    tests: stringify({ ...settings, rule_files: ["rules.yml"], tests: own }),
    rules: stringify({ groups: groupsFor(name.split("-")) }),
  }));
}

/** @throws there is no such alert */
function groupsFor(alerts: readonly string[]) {
  const needed = new Set<(typeof rules)[number]>();
  const add = (name: string): void => {
    const found = rules.filter(({ alert, record }) => alert === name || record === name);
    if (found.length === 0) throw new Error(`there is no rule ${name}`);
    for (const rule of found.filter((one) => !needed.has(one))) {
      needed.add(rule);
      // Descriptions read series too.
      for (const [word] of JSON.stringify(rule).matchAll(/[a-z_][\w:]*/gi)) if (recorded.has(word)) add(word);
    }
  };
  for (const alert of alerts) add(alert);
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => needed.has(rule)) }))
    .filter((group) => group.rules.length > 0);
}
