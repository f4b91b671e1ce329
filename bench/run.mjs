// The benchmark: everybody on the same work, in the same run, in turn. `npm run bench -- --short` takes some minutes.
// Linux only: what a process costs is read from /proc.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseJson } from "../scripts/json.mjs";
import { chartOf } from "./chart.mjs";
import { CONTENDERS, contender } from "./contenders.mjs";
import { machine } from "./machine.mjs";
import { whyNoPostgres } from "./postgres.mjs";
import { tableText } from "./report.mjs";
import { SECTIONS } from "./sections.mjs";

const { values } = parseArgs({
  options: {
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
const unknown = only?.filter((name) => !SECTIONS.some((section) => section.name === name)) ?? [];
const names = SECTIONS.map(({ name }) => name).join(", ");
if (unknown.length > 0) throw new Error(`There is no section ${unknown.join(", ")}. There are: ${names}.`);

const noPostgres = whyNoPostgres();
const asked = values.contenders?.split(",").map(contender) ?? CONTENDERS;
const contenders = asked.filter(({ store }) => store !== "postgres" || noPostgres === undefined);
if (contenders.length < asked.length) console.log(`*** pg-boss is LEFT OUT: ${noPostgres}\n`);

/** @type {import("./section.mjs").Settings} */
const settings = {
  isShort: values.short,
  rounds: Number(values.rounds ?? (values.short ? 2 : 3)),
  seconds: Number(values.seconds ?? (values.short ? 3 : 12)),
  durability: values.durability === "fast" ? "fast" : "durable",
  contenders,
  print: (line) => console.log(line),
};
const about = { ...(await machine(settings.durability)), rounds: settings.rounds, isShort: settings.isShort };
for (const [what, value] of Object.entries(about)) console.log(`${what}: ${value}`);

/** @type {Results} */
const results = { about, sections: values.only === undefined ? {} : earlier() };
for (const section of SECTIONS.filter(({ name }) => only?.includes(name) ?? true)) {
  console.log(`\n## ${section.title}\n`);
  const tables = await section.run(settings);
  for (const table of tables) console.log(`\n${tableText(table)}`);
  results.sections[section.name] = { takenAt: new Date().toISOString(), tables };
  // At once: what is measured stays measured, whatever comes after.
  save();
}
console.log(folder() === undefined ? "nothing was kept (--out DIR keeps it)" : `results are in ${folder()}`);
// Whatever a contender left open must not keep the run from ending.
process.exit();

/** @typedef {{ about: Record<string, unknown>, sections: Record<string, { takenAt: string, tables: readonly import("./section.mjs").Table[] }> }} Results */

/** Where results are kept: of a full run in bench/results, of a short one only where asked. */
function folder() {
  return values.out ?? (values.short ? undefined : "bench/results");
}

/** Sections measured before stay when only some are measured again. @returns {Results["sections"]} */
function earlier() {
  const path = folder();
  if (path === undefined) return {};
  try {
    return /** @type {Results} */ (parseJson(readFileSync(`${path}/latest.json`, "utf8"))).sections;
  } catch {
    return {};
  }
}

function save() {
  const path = folder();
  if (path === undefined) return;
  mkdirSync(path, { recursive: true });
  const tables = Object.values(results.sections).flatMap((section) => section.tables);
  const { node, redis, cores, rounds, isShort } = about;
  const length = isShort ? "SHORT run, for the shape only" : `${rounds} rounds`;
  const footnote = `${length}; Node ${node}, ${redis}, ${cores} cores shared with the load generator`;
  const facts = Object.entries(results.about).map(([what, value]) => `- ${what}: ${String(value)}`);
  const report = `# Measured\n\n${facts.join("\n")}\n\n${tables.map((table) => tableText(table)).join("\n")}`;
  writeFileSync(`${path}/latest.json`, `${JSON.stringify(results, undefined, 1)}\n`);
  writeFileSync(`${path}/latest.md`, report);
  writeFileSync(`${path}/chart.svg`, chartOf(tables, footnote));
}
