import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..");
let parent: string;
let folder: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "ticktally-npm-package-"));
  folder = join(parent, "package");
  const made = spawnSync(process.execPath, ["scripts/development/npm-package.mjs", folder], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(`${String(made.status)} ${made.stderr}`).toBe("0 ");
});
afterAll(async () => rm(parent, { recursive: true, force: true }));

describe("the npm package", () => {
  it("lists every imported library as a dependency", () => {
    const { dependencies } = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
    const programs = filesIn(folder).filter((file) => /\/(?:dist|scripts)\/.*\.m?js$/.test(file));
    const imported = new Set(programs.flatMap((file) => librariesIn(readFileSync(file, "utf8"))));
    expect(imported.size).toBeGreaterThan(10);
    // Files for `npm run check` and similar commands are left out, because the package has no such commands.
    expect([...imported].filter((name) => !(name in dependencies) && !isBuiltin(name))).toEqual([]);
    expect(Object.values(dependencies).filter((version) => /workspace|\^|~/.test(version))).toEqual([]);
  });

  it("contains all files that the programs read, and no sources or tests", () => {
    for (const path of [
      "node_modules/@ticktally/redis/lua",
      "node_modules/@ticktally/simulator/dist/demo.js",
      "apps/api/docs-page",
      "LICENSE",
      "README.md",
    ])
      expect(existsSync(join(folder, path))).toBe(true);
    expect(filesIn(folder).filter((file) => /\.test\.\w+$|\/src\/|tsconfig/.test(file.slice(folder.length)))).toEqual(
      [],
    );
  });

  it("has commands, and lists them after an unknown one", () => {
    const typed = spawnSync(process.execPath, [join(folder, "bin", "ticktally.mjs"), "nothing"], { encoding: "utf8" });
    expect(typed.status).toBe(64);
    expect(typed.stderr).toContain("start, export, import, doctor, upgrade, simulate");
  });
});

function filesIn(path: string): readonly string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? join(entry.parentPath, entry.name) : [],
  );
}

function librariesIn(source: string): readonly string[] {
  const imported = ts.preProcessFile(source).importedFiles.map(({ fileName }) => fileName);
  return imported.flatMap((name) => /^(?:@[^/]+\/)?[^/.][^/]*/.exec(name)?.[0] ?? []);
}
