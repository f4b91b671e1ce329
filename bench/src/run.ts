// The benchmark: all designs do the same work, in turn, in the same run. `npm run bench -- --short` takes a few minutes.
// Linux only: CPU times are read from /proc.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseJson } from "../../scripts/process/json.mjs";
import { baseCheckout, ownCheckout } from "./comparison/checkouts.ts";
import { comparisonText } from "./comparison/figures.ts";
import { COMPARED, comparisonSections } from "./comparison/sections.ts";
import { CONTENDERS, contender } from "./contenders/contenders.ts";
import { machine } from "./results/machine.ts";
import { whyNoPostgres } from "./stores/postgres.ts";
import { tableText } from "./results/report.ts";
import { SECTIONS } from "./sections/all-sections.ts";
import type { Settings, Table } from "./section.ts";

const { values } = parseArgs({
  options: {
    base: { type: "string" },
    short: { type: "boolean", default: false },
    only: { type: "string" },
    contenders: { type: "string" },
    rounds: { type: "string" },
    seconds: { type: "string" },
    durability: { type: "string", default: "durable" },
    out: { type: "string" },
  },
});
if (process.platform !== "linux") throw new Error("The benchmark reads CPU times from /proc: it runs on Linux only.");

const only = values.only?.split(",");
const names = values.base === undefined ? SECTIONS.map(({ name }) => name) : COMPARED;
const unknown = only?.filter((name) => !names.includes(name)) ?? [];
if (unknown.length > 0) {
  const where = values.base === undefined ? "" : " with --base";
  throw new Error(`There is no section ${unknown.join(", ")}${where}. There are: ${names.join(", ")}.`);
}
if (values.base !== undefined && values.contenders !== undefined) throw new Error("--base chooses the contenders.");

const noPostgres = whyNoPostgres();
const asked = values.contenders?.split(",").map(contender) ?? CONTENDERS;
const contenders = asked.filter(({ store }) => store !== "postgres" || noPostgres === undefined);
if (contenders.length < asked.length && values.base === undefined)
  console.log(`*** pg-boss is LEFT OUT: ${noPostgres}\n`);

const settings: Settings = {
  isShort: values.short,
  rounds: Number(values.rounds ?? (values.short ? 2 : 3)),
  seconds: Number(values.seconds ?? (values.short ? 3 : 12)),
  durability: values.durability === "fast" ? "fast" : "durable",
  contenders,
  print: (line) => console.log(line),
};
const compared =
  values.base === undefined
    ? undefined
    : { base: await baseCheckout(values.base, (line) => console.log(line)), ours: ownCheckout() };
const sections = compared === undefined ? SECTIONS : comparisonSections(compared.base, compared.ours);
const about = {
  ...(await machine(settings.durability)),
  ...(compared && { base: compared.base.label, ours: compared.ours.label }),
  rounds: settings.rounds,
  isShort: settings.isShort,
};
for (const [what, value] of Object.entries(about)) console.log(`${what}: ${value}`);

const textOf = compared === undefined ? tableText : comparisonText;
const results: Results = { about, sections: values.only === undefined ? {} : earlier() };
for (const section of sections.filter(({ name }) => only?.includes(name) ?? true)) {
  console.log(`\n## ${section.title}\n`);
  const tables = await section.run(settings);
  for (const table of tables) console.log(`\n${textOf(table, process.version)}`);
  results.sections[section.name] = { takenAt: new Date().toISOString(), node: process.version, tables };
  // Save after each section, so that a later error does not lose results.
  save();
}
console.log(folder() === undefined ? "results were not saved (--out DIR saves them)" : `results are in ${folder()}`);
// Open handles of a contender must not keep the run from ending.
process.exit();

export interface SectionResult {
  takenAt: string;
  node: string;
  tables: readonly Table[];
}
export interface Results {
  about: Record<string, unknown>;
  sections: Record<string, SectionResult>;
}

/** The folder for results, if any. */
function folder() {
  return values.out;
}

/** The name of the files without extension. A comparison does not overwrite the results of a normal run. */
function fileName() {
  return values.base === undefined ? "latest" : "comparison";
}

/** The saved sections, which are kept when only some are measured again. */
function earlier(): Results["sections"] {
  const path = folder();
  if (path === undefined) return {};
  try {
    const kept = parseJson(readFileSync(`${path}/${fileName()}.json`, "utf8")) as Results;
    return Object.fromEntries(Object.entries(kept.sections).map(([name, section]) => [name, withNode(section, kept)]));
  } catch {
    return {};
  }
}

/** Older files have one Node version for all sections. */
function withNode(section: Omit<SectionResult, "node"> & { node?: string }, { about: { node } }: Results) {
  return { ...section, node: section.node ?? String(node) };
}

function save() {
  const path = folder();
  if (path === undefined) return;
  mkdirSync(path, { recursive: true });
  const measured = Object.values(results.sections);
  const texts = measured.flatMap(({ tables, node }) => tables.map((table) => textOf(table, node)));
  const facts = Object.entries(results.about).map(([what, value]) => `- ${what}: ${String(value)}`);
  writeFileSync(`${path}/${fileName()}.json`, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(`${path}/${fileName()}.md`, `# Measured\n\n${facts.join("\n")}\n\n${texts.join("\n")}`);
}
