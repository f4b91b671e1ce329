import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedFiles } from "../deploy/grafana/src/generated-files.ts";
import { dashboards, provisionedDatasources, provisionedRules } from "./support/grafana.ts";
import { alertRules, DEPLOY } from "./support/rules.ts";

const files = [...generatedFiles()].map(([path, text]) => [relative(DEPLOY, path), path, text] as const);
const allPanels = dashboards.flatMap(({ title, panels }) => panels.map((panel) => ({ dashboard: title, ...panel })));
const panels = allPanels
  .filter(({ type }) => type !== "row")
  .map((panel) => ({ ...panel, at: `${panel.dashboard}: ${panel.title}` }));

describe("Grafana's provisioning files", () => {
  it.each(files)("%s is up to date with the code (if not: npm run dashboards)", (_, path, text) => {
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("have unique uids", () => {
    const uids = [...dashboards.map(({ uid }) => uid), ...provisionedRules().map(({ uid }) => uid)];
    expect(new Set(uids).size).toBe(uids.length);
    for (const { panels: own } of dashboards) expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
    expect(dashboards.map(({ uid }) => uid).sort()).toEqual([
      "ticktally-instance",
      "ticktally-messages",
      "ticktally-pipeline",
    ]);
  });
});

describe("every panel", () => {
  it.each(panels)("$at has a unit, a description, a legend for each query, and the selected data source", (panel) => {
    expect(panel.fieldConfig?.defaults.unit).toMatch(/^[a-z]+$/);
    expect(panel.description).toMatch(/\.$/);
    expect(panel.datasource).toEqual({ type: "prometheus", uid: "${datasource}" });
    expect(panel.targets?.length).toBeGreaterThan(0);
    const refIds = panel.targets?.map(({ refId }) => refId) ?? [];
    expect(new Set(refIds).size).toBe(refIds.length);
  });

  it.each(dashboards)("of $title overlaps with no other", ({ panels: own }) => {
    const cells = own.flatMap(({ gridPos: { x, y, w, h } }) => {
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
    for (const { gridPos } of own) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  it.each(dashboards)("of $title uses only defined variables", ({ panels: own, templating }) => {
    const known = [...templating.list.map(({ name }) => name), "__range", "__rate_interval"];
    const used = JSON.stringify(own).matchAll(/\$\{?(\w+)/g);
    expect([...used].map(([, name]) => name).filter((name = "") => !known.includes(name))).toEqual([]);
  });
});

describe("Grafana's alert rules", () => {
  const rules = provisionedRules();

  it("are the same as in Prometheus, with the same severity and runbook", () => {
    const shown = rules.map(({ title, labels, annotations }) => [title, labels, annotations["runbook_url"]]);
    expect(shown).toEqual(alertRules.map(({ alert, labels, annotations }) => [alert, labels, annotations.runbook_url]));
  });

  it.each(rules)("$title queries the provisioned data source, and fires on any result", ({ condition, data }) => {
    const [query, threshold, ...more] = data;
    expect(more).toEqual([]);
    expect(provisionedDatasources()).toContain(query?.datasourceUid);
    expect(query?.model.expr?.trim()).not.toBe("");
    expect(condition).toBe(threshold?.refId);
    expect(threshold).toMatchObject({
      datasourceUid: "__expr__",
      model: { type: "threshold", expression: query?.refId, conditions: [{ evaluator: { type: "gt", params: [-1] } }] },
    });
  });

  it.each(rules)("$title has no text with functions of Prometheus or variables of Grafana", (rule) => {
    for (const text of Object.values(rule.annotations)) {
      expect(text).not.toMatch(/\| query|\$value\b|\$\{/);
      expect(text.match(/\{\{/g)?.length).toBe(text.match(/\}\}/g)?.length);
    }
    for (const text of Object.values(rule.labels)) expect(text).not.toContain("$");
  });
});
