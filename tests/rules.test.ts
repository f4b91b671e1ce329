import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { filesWithRunbook } from "../deploy/grafana/src/generated-files.ts";
import { runCommand } from "../scripts/process/run-command.mjs";
import { readSettings } from "../scripts/start/start-settings.mjs";
import { partialRuleTests } from "./support/needed-rules.ts";
import { hasPrometheus, tools } from "./support/prometheus-tools.ts";
import { alertRules, DEPLOY } from "./support/rules.ts";

const PROMETHEUS = join(DEPLOY, "prometheus");
const RULE_TESTS = readdirSync(join(PROMETHEUS, "tests"));

const ruleTests = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      alert_rule_test: z.array(
        z.object({ eval_time: z.string(), alertname: z.string(), exp_alerts: z.array(z.unknown()) }),
      ),
    }),
  ),
});

const cases = RULE_TESTS.flatMap(
  (file) => ruleTests.parse(parse(readFileSync(join(PROMETHEUS, "tests", file), "utf8"))).tests,
);

describe.skipIf(!hasPrometheus)("Prometheus's own tools (skipped without promtool and amtool)", () => {
  it.each(["prometheus.yml", "prometheus.local.yml"])("accept %s and every rule file", async (config) => {
    const { exitCode, output } = await runCommand(tools.promtool, [
      "check",
      "config",
      "--lint=all",
      "--lint-fatal",
      join(PROMETHEUS, config),
    ]);
    expect(output).not.toMatch(/FAILED|error/i);
    expect(output.match(/SUCCESS: \d+ rules found/g)).toHaveLength(2);
    expect(exitCode).toBe(0);
  });

  it("accept Alertmanager's configuration", async () => {
    const { exitCode, output } = await runCommand(tools.amtool, [
      "check-config",
      join(DEPLOY, "alertmanager", "alertmanager.yml"),
    ]);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ["critical", "on-call"],
    ["warning", "team"],
  ])("route a %s alert to %s", async (severity, receiver) => {
    const file = `--config.file=${join(DEPLOY, "alertmanager", "alertmanager.yml")}`;
    const { output } = await runCommand(tools.amtool, ["config", "routes", "test", file, `severity=${severity}`]);
    // The output may also contain a warning about its own options.
    expect(output.trim().split("\n")).toContain(receiver);
  });

  it("confirm a published file of test cases as it is, with every rule", async () => {
    const file = join(PROMETHEUS, "tests", "processes.yml");
    const { exitCode, output } = await runCommand(tools.promtool, ["test", "rules", file]);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
  });

  it.concurrent.each(RULE_TESTS)(
    "confirm the test cases in %s, each alert's with the rules that it needs",
    async (name) => {
      const dir = mkdtempSync(join(inject("runDir"), "rules-"));
      const parts = partialRuleTests(readFileSync(join(PROMETHEUS, "tests", name), "utf8"));
      const files = parts.map((part) => {
        const folder = join(dir, part.name);
        mkdirSync(folder);
        writeFileSync(join(folder, "rules.yml"), part.rules);
        writeFileSync(join(folder, "tests.yml"), part.tests);
        return join(folder, "tests.yml");
      });
      const { exitCode, output } = await runCommand(tools.promtool, ["test", "rules", ...files]);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expect(output.match(/SUCCESS/g)).toHaveLength(files.length);
    },
    120_000,
  );
});

describe("prometheus.local.yml", () => {
  const settings = z.looseObject({
    scrape_configs: z.array(
      z.object({ job_name: z.string(), static_configs: z.array(z.object({ targets: z.array(z.string()) })) }),
    ),
  });
  const jobsOf = (file: string) =>
    [...readFileSync(join(PROMETHEUS, file), "utf8").matchAll(/job_name: (\S+)/g)].map(([, job]) => job);

  it("scrapes the apps of npm start at their default ports, under the job names that the rules use", () => {
    const text = readFileSync(join(PROMETHEUS, "prometheus.local.yml"), "utf8");
    const { INGEST_OPS_PORT, WORKER_OPS_PORT, API_OPS_PORT, FORWARDER_OPS_PORT } = readSettings({}).ports;
    const scraped = settings.parse(parse(text)).scrape_configs.map(({ static_configs: found }) => found);
    expect(scraped).toEqual(
      [INGEST_OPS_PORT, WORKER_OPS_PORT, API_OPS_PORT, FORWARDER_OPS_PORT].map((port) => [
        { targets: [`127.0.0.1:${port}`] },
      ]),
    );
    expect(jobsOf("prometheus.local.yml")).toEqual(jobsOf("prometheus.yml"));
  });
});

describe("every alert", () => {
  it.each(alertRules.map(({ alert }) => alert))(
    "%s has test cases in which it fires, does not fire, and resolves",
    (alert) => {
      const own = cases.map(({ alert_rule_test: looks }) => looks.filter(({ alertname }) => alertname === alert));
      const firing = own.map((looks) => looks.map(({ exp_alerts }) => exp_alerts.length > 0));
      expect(firing).toContainEqual([false, true, false]);
      expect(firing.some((looks) => looks.length >= 1 && !looks.includes(true))).toBe(true);
    },
  );

  it.each(alertRules)("$alert has a severity, a text with a number or a state, and a runbook", (rule) => {
    expect(["critical", "warning"]).toContain(rule.labels.severity);
    expect(rule.annotations.summary).not.toBe("");
    expect(rule.annotations.description).toMatch(/\{\{ .*(\$value|\.Value|\$labels\.state)|found 0 processes/s);
    const [base, section] = rule.annotations.runbook_url.split("#");
    expect(new URL(base ?? "").protocol).toBe("https:");
    expect(section).toBe(rule.alert.toLowerCase());
  });

  it("links to the runbook in this project's repository by default", () => {
    const { repository } = z
      .object({ repository: z.object({ url: z.string() }) })
      .parse(JSON.parse(readFileSync(join(DEPLOY, "..", "package.json"), "utf8")));
    const home = repository.url.replace(/^git\+(.*)\.git$/, "$1");
    const bases = alertRules.map(({ annotations }) => annotations.runbook_url.split("#")[0]);
    expect(new Set(bases)).toEqual(new Set([`${home}/blob/main/docs/runbook.md`]));
  });

  it("links to the runbook at the address that the operator sets", () => {
    const address = "https://wiki.example.com/$&/runbook";
    const [alerts = "", ...tests] = [...filesWithRunbook(address).values()];
    const links = (text: string) => [...text.matchAll(/runbook_url: (.*)$/gm)].map(([, link = ""]) => link);
    expect(links(alerts)).toEqual(alertRules.map(({ alert }) => `${address}#${alert.toLowerCase()}`));
    for (const link of tests.flatMap(links)) expect(link).toMatch(/^"https:\/\/wiki\.example\.com\/\$&\/runbook#\w+"$/);
    for (const wrong of ["docs/runbook.md", "http://wiki.example.com", "https://wiki.example.com/#x"])
      expect(() => filesWithRunbook(wrong)).toThrow("must be https");
  });

  it("has a section in the runbook, and each section has an alert", () => {
    const runbook = readFileSync(join(DEPLOY, "..", "docs", "runbook.md"), "utf8");
    const sections = [...runbook.matchAll(/^### (\S+)$/gm)].map(([, title]) => title);
    expect(sections.sort()).toEqual(alertRules.map(({ alert }) => alert).sort());
  });

  it("has the same name in Alertmanager's inhibition rules", () => {
    const text = readFileSync(join(DEPLOY, "alertmanager", "alertmanager.yml"), "utf8");
    const named = new Set([...text.matchAll(/Ticktally\w+(?:\.\*)?/g)].map(([name]) => name));
    const names = alertRules.map(({ alert }) => alert);
    expect([...named].filter((name) => !names.some((alert) => new RegExp(`^${name}$`).test(alert)))).toEqual([]);
  });
});
