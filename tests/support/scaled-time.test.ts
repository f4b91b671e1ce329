import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEPLOY } from "./rules.ts";
import { scaledTime } from "./scaled-time.ts";

const RULES = join(DEPLOY, "prometheus", "rules");
const FILES = [
  ...readdirSync(RULES).map((name) => join(RULES, name)),
  join(DEPLOY, "prometheus", "prometheus.yml"),
  join(DEPLOY, "alertmanager", "alertmanager.yml"),
];

describe("scaledTime", () => {
  it("divides windows, offsets and waiting times", () => {
    expect(scaledTime("expr: increase(x[5m]) > 2 * y:increase1h offset 1w", 30)).toBe(
      "expr: increase(x[10000ms]) > 2 * y:increase1h offset 20160000ms",
    );
    expect(scaledTime("expr: quantile_over_time(0.5, x:ratio1h[1d:10m] offset 1h)", 60)).toBe(
      "expr: quantile_over_time(0.5, x:ratio1h[1440000ms:10000ms] offset 60000ms)",
    );
    expect(scaledTime("        for: 2m\n        keep_firing_for: 5m\n", 60)).toBe(
      "        for: 2000ms\n        keep_firing_for: 5000ms\n",
    );
    expect(scaledTime("  scrape_interval: 15s\n  group_wait: 5s", 30)).toBe(
      "  scrape_interval: 500ms\n  group_wait: 167ms",
    );
  });

  it("leaves thresholds, names and texts as they are", () => {
    const text = "description: in the last 5 minutes, for: somebody; ratio5m > 0.1 and age > 900 at 15m";
    expect(scaledTime(text, 30)).toBe(text);
  });

  it.each(FILES)("only changes the unit of the durations in %s when it divides by one", (file) => {
    const text = readFileSync(file, "utf8");
    const inMs = scaledTime(text, 1);
    expect(inMs).not.toBe(text);
    const seconds = (shown: string) =>
      shown.replace(/(?<!\d)(\d+)ms/g, (_, ms: string) => `${String(Number(ms) / 1_000)}s`);
    const units = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
    const plain = (shown: string) =>
      shown.replace(/(?<=\[(?:\w+:)?|offset |: )(\d+)([smhdw])\b/g, (_, n: string, unit: keyof typeof units) => {
        return `${String(Number(n) * units[unit])}s`;
      });
    expect(seconds(inMs)).toBe(plain(text));
  });
});
