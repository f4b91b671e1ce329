import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const files = execFileSync("git", ["ls-files", "apps", "packages", "bench", "deploy", "scripts", "tests"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => /\.(?:ts|tsx|mjs|lua|css|json|ya?ml|txt|js)$/.test(file));

/** For `packages/core/src/messages`: the part whose README must name the folder, and its name there. */
function placeOf(folder: string): readonly [part: string, name: string] {
  const names = folder.split("/");
  const depth = names[0] === "apps" || names[0] === "packages" ? 2 : 1;
  return [names.slice(0, depth).join("/"), names.slice(depth).join("/")];
}

it("the README of each part names every folder in it", () => {
  const folders = new Set(files.map(dirname));
  const unnamed = [...folders].filter((folder) => {
    const [part, name] = placeOf(folder);
    const readme = readFileSync(join(ROOT, part, "README.md"), "utf8");
    return name !== "" && !readme.includes(`| \`${name}\``);
  });
  expect(unnamed).toEqual([]);
});

it("no source folder has more than sixteen files, not counting tests", () => {
  const sources = files.filter((file) => !file.startsWith("tests/") && !/\.test\.tsx?$/.test(file));
  const folders = sources.map(dirname);
  const sizeOf = (folder: string) => folders.filter((other) => other === folder).length;
  expect([...new Set(folders)].filter((folder) => sizeOf(folder) > 16)).toEqual([]);
});
