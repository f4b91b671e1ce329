/**
 * `node scripts/development/release-notes.mjs v1.2.3`: prints the section of that version in the change log, for its release. Fails if the root
 * manifest has another version, or if the section is missing or empty.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault, runMain } from "../process/fault.mjs";
import { parseJson } from "../process/json.mjs";
import { PROJECT_ROOT } from "../workspace.mjs";

await runMain(async () => Promise.resolve(printNotes(process.argv[2] ?? "")));

/** @param {string} tag */
function printNotes(tag) {
  const { version } = /** @type {{ version: string }} */ (
    parseJson(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8"))
  );
  if (tag !== `v${version}`) throw new Fault(`The tag is ${tag}, but package.json has the version ${version}.`, 1);
  const changes = sectionOf(readFileSync(join(PROJECT_ROOT, "CHANGELOG.md"), "utf8"), version);
  if (changes === "") throw new Fault(`CHANGELOG.md has no section ## [${version}] with changes.`, 1);
  console.log(changes);
  return 0;
}

/**
 * @param {string} changelog
 * @param {string} version
 */
function sectionOf(changelog, version) {
  const sections = changelog.split(/^(?=## )/m);
  const section = sections.find((text) => text.startsWith(`## [${version}]`)) ?? "";
  // The last section is followed by link definitions.
  return section
    .replace(/^.*\n/, "")
    .replaceAll(/^\[[^\]]+\]: .*$/gm, "")
    .trim();
}
