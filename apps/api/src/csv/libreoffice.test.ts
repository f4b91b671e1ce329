import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { csvLine, type Cell } from "@ticktally/schemas/csv";

// On Debian: apt-get install --no-install-recommends libreoffice-calc-nogui (90 MB, most of a minute).
const hasLibreOffice = spawnSync("soffice", ["--version"]).status === 0;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["quot", '"'],
  ["apos", "'"],
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
]);

/** A table as LibreOffice reads it: numbers as numbers, and a formula as its text with a leading `=`. */
function opened(rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] {
  const folder = mkdtempSync(path.join(tmpdir(), "csv-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = path.join(folder, "table.csv");
  writeFileSync(file, rows.map(csvLine).join(""));
  // Filter options: comma, double quotes, UTF-8, starting with line 1.
  const options = ["--infilter=CSV:44,34,76,1", "--convert-to", "fods", "--outdir", folder];
  execFileSync("soffice", [`-env:UserInstallation=file://${folder}/profile`, "--headless", ...options, file]);
  const sheet = readFileSync(path.join(folder, "table.fods"), "utf8");
  return [...sheet.matchAll(/<table:table-row[^>]*>(.*?)<\/table:table-row>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<table:table-cell([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].map(
      ([, attributes = "", content = ""]) => {
        const formula = /table:formula="([^"]*)"/.exec(attributes)?.[1];
        if (formula !== undefined) return `=${formula}`;
        const number = /office:value="([^"]*)"/.exec(attributes)?.[1];
        if (number !== undefined) return Number(number);
        return [...content.matchAll(/<text:p>(.*?)<\/text:p>/gs)]
          .map(([, line = ""]) => line.replace(/&(\w+);/g, (_, name: string) => ENTITIES.get(name) ?? "?"))
          .join("\n");
      },
    ),
  );
}

describe.skipIf(!hasLibreOffice)("a table opened in LibreOffice (skipped without soffice)", () => {
  it("has the same numbers and texts, and no formulas", () => {
    const rows: readonly (readonly Cell[])[] = [
      ["name", "sent", "rate"],
      ["Müller, Köln", 123_456, 0.25],
      ['say "hello"', 0, 1],
      ["two\nlines", 9_007_199_254_740_991, 1e-7],
    ];
    expect(opened(rows)).toEqual(rows);
    const formulas = ["=1+1", "+1", "-1", "@SUM(A1)"];
    const read = opened(formulas.map((text) => [text, 1]));
    expect(read.map(([cell]) => cell)).toEqual(formulas.map((text) => `'${text}`));
    expect(read.map(([, one]) => one)).toEqual(formulas.map(() => 1));
  });
});
