/**
 * `node scripts/development/npm-package.mjs FOLDER`: writes the npm package `ticktally` into a new folder: the built files, the scripts that run
 * them, and one manifest with all dependencies. `npx ticktally` then does what `npm start` does in a checkout.
 */
import "../require-node.mjs";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Fault, runMain } from "../process/fault.mjs";
import { parseJson } from "../process/json.mjs";
import { PROJECT_ROOT, members } from "../workspace.mjs";

/** @typedef {{ name: string, version: string, dependencies?: Record<string, string>, [key: string]: unknown }} Manifest */

/** Files that are needed only for building and testing. */
const LEFT_OUT = new Set([
  ...["src", "node_modules", ".turbo", "tsconfig.build.json"],
  // Scripts for the development of Ticktally.
  "development",
]);
/** The script of each command. `cli` gets the name of the command as an argument. */
const COMMANDS = { start: "start", export: "cli", import: "cli", doctor: "cli", upgrade: "cli", simulate: "simulate" };

/** Fields of a manifest that are needed only for building and testing. */
const NOT_PUBLISHED = new Set(["dependencies", "devDependencies", "scripts", "packageManager", "private"]);

await runMain(async () => Promise.resolve(makePackage(process.argv[2])));

/** @param {string | undefined} name */
function makePackage(name) {
  if (name === undefined) throw new Fault("Name the folder that the package is written to.", 64);
  const folder = resolve(name);
  if (existsSync(folder)) throw new Fault(`${folder} is there already.`, 1);
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin", "ticktally.mjs"), program());
  copy(join(PROJECT_ROOT, "scripts"), join(folder, "scripts"));
  for (const file of ["README.md", "CHANGELOG.md", "LICENSE"]) copy(join(PROJECT_ROOT, file), join(folder, file));

  /** @type {Record<string, string>} */
  const dependencies = {};
  const bundled = [];
  for (const member of members()) {
    const manifest = manifestIn(member);
    if (!existsSync(join(member, "dist"))) throw new Fault(`${member} is not built: run npm run build first.`, 1);
    const isApp = basename(join(member, "..")) === "apps";
    if (!isApp) bundled.push(manifest.name);
    const place = isApp
      ? join(folder, "apps", basename(member))
      : join(folder, "node_modules", ...manifest.name.split("/"));
    copy(member, place);
    for (const [library, version] of Object.entries(manifest.dependencies ?? {})) {
      if (version.startsWith("workspace:")) continue;
      const other = dependencies[library];
      if (other !== undefined && other !== version)
        throw new Fault(`${library} is asked for as ${other} and ${version}.`, 1);
      dependencies[library] = version;
    }
    // Its dependencies are in the manifest of the whole package.
    writeFileSync(join(place, "package.json"), json(published(manifest)));
  }
  for (const workspace of bundled) dependencies[workspace] = manifestIn(PROJECT_ROOT).version;
  const own = { bin: { ticktally: "bin/ticktally.mjs" }, files: ["apps", "bin", "scripts", "CHANGELOG.md"] };
  writeFileSync(
    join(folder, "package.json"),
    json({ ...published(manifestIn(PROJECT_ROOT)), ...own, dependencies, bundleDependencies: bundled }),
  );
  console.log(folder);
  return 0;
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  const isWanted = (/** @type {string} */ path) => !LEFT_OUT.has(basename(path)) && !/\.test\.\w+$/.test(path);
  cpSync(from, to, { recursive: true, filter: isWanted });
}

/**
 * @param {string} folder
 * @returns {Manifest}
 */
function manifestIn(folder) {
  return /** @type {Manifest} */ (parseJson(readFileSync(join(folder, "package.json"), "utf8")));
}

/** @param {Manifest} manifest */
function published(manifest) {
  return Object.fromEntries(Object.entries(manifest).filter(([key]) => !NOT_PUBLISHED.has(key)));
}

/** @param {unknown} value */
function json(value) {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** The program of the package. Data is kept in the working folder, not in npm's cache. */
function program() {
  return `#!/usr/bin/env node
import { join } from "node:path";
const scripts = new Map(Object.entries(${JSON.stringify(COMMANDS)}));
const command = process.argv[2] ?? "start";
const script = scripts.get(command);
if (script === undefined) {
  console.error(\`ticktally: \${command} is none of \${[...scripts.keys()].join(", ")}\`);
  process.exit(64);
}
process.env["TICKTALLY_DATA_DIR"] ||= join(process.cwd(), ".ticktally");
if (script === command) process.argv.splice(2, 1);
await import(\`../scripts/\${script}.mjs\`);
`;
}
