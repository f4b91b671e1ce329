import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { askRedis } from "../scripts/redis/redis-wire.mjs";
import { DOCUMENTS, DOCUMENTS_ROOT as ROOT, textOf } from "./support/documents.ts";
import { freePort } from "./support/free-port.ts";
import { startOwnRedis, type OwnRedis } from "./support/own-redis.ts";
import { freshInstance, statusOf } from "./support/webhooks.ts";
import { sharedSystem } from "./shared-system.ts";
import { ACCOUNT_TOKEN, WEBHOOK_TOKEN, type System } from "./system.ts";

/** Runs every command of the documents as a user pastes it. If a command cannot run here, the names in it are checked. */

const COMMANDS = DOCUMENTS.flatMap((file) => commandsIn(textOf(file)).map((command) => [command, file] as const));
const of = (...beginnings: readonly string[]) =>
  COMMANDS.filter(([command]) => beginnings.some((beginning) => command.startsWith(beginning)));

let system: System;
let empty: OwnRedis;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ticktally-documents-"));
  system = await sharedSystem();
  empty = await startOwnRedis({ dir: join(folder, "redis"), durability: "fast", port: await freePort() });
  const sales = freshInstance();
  await system.send("POST", "/instances", { idInstance: sales, name: "sales" });
  await system.send("POST", "/instances", { idInstance: freshInstance(), name: "a" });
  await system.send("POST", "/instances", { idInstance: freshInstance(), name: "b" });
  await system.accept(statusOf(sales, "M", "sent"), statusOf("7103000000", "3EB0608D6A2901063D63", "sent"), "{}");
  const target = { name: "bot", url: "https://receiver.example/", mode: "relay", instances: ["a"] };
  await system.send("POST", "/targets", target);
  await system.drained();
  // Without a worker, examples with a gateway's address do not contact it. An export needs an empty queue.
  await system.kill("worker");
  await writeFile(join(folder, "curl"), `#!/bin/sh\nexec ${which("curl")} --fail-with-body "$@"\n`, { mode: 0o755 });
});
afterAll(async () => {
  await system?.start("worker");
  await empty?.stop();
  await rm(folder, { recursive: true, force: true });
});

it("every command of the documents is tested below", () => {
  const known = of("curl ", "npm ", "redis-cli", "docker compose ", "node ", "npx vitest", "openssl ", "kubectl ");
  expect(COMMANDS.length).toBeGreaterThan(50);
  expect(COMMANDS.filter((command) => !known.includes(command))).toEqual([]);
});

// Before webhooks are posted that stay in the queue, because an export with --settled would refuse them.
describe("npm", () => {
  const moves = of("npm run export", "npm run import");

  it.each(moves.filter(([command]) => /[<>]/.test(command)))("%s (%s)", { timeout: 120_000 }, async (command) => {
    await askRedis({ port: empty.port, password: new URL(empty.url).password }, [["FLUSHALL"]]);
    for (const part of command.split("; ")) {
      const isImport = part.includes("npm run import");
      const { status, stderr } = sh(part, { REDIS_URL: isImport ? empty.url : system.redisUrl });
      expect(`${String(status)} ${stderr}`).toMatch(/^0 /);
    }
  });

  // These take minutes, or change the tested files. The newcomer, doctor and upgrade tests and `.ci/run` run most of them.
  it.each(of("npm ").filter((command) => !moves.includes(command)))("%s (%s) names an existing script", (command) => {
    const [, name = ""] = /^npm (?:run )?([\w:]+)/.exec(command) ?? [];
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(json("package.json"));
    expect(existsSync(join(ROOT, scripts[name]?.split(" ")[1] ?? "no script"))).toBe(true);
  });
});

describe.runIf(which("curl") !== "")("curl", () => {
  it.each(of("curl "))("%s (%s)", (command) => {
    const isRefused = command.includes("-i https://your.host");
    // This command runs until it is stopped.
    const isEndless = command.includes("/events");
    // Its gateway does not exist here; `relay-setup.e2e.test.ts` runs it with one.
    const isWithoutGateway = command.includes("/check/repair");
    // The simulator does not run here.
    const isUnanswered = command.includes("127.0.0.1:8085");
    const [, written] = / > (\S+)$/.exec(command) ?? [];
    const { status, stdout, stderr } = sh(isEndless ? `${command} --max-time 4` : command, { id: "M" });
    const text = written === undefined ? stdout : readFileSync(join(folder, written), "utf8");
    const usual = written === undefined ? /^0 .*(?:true|queue_jobs)/s : /^0 \w+,\w+/;
    const expected = isRefused
      ? /^22 HTTP\/1.1 405 /
      : isEndless
        ? /^28 .*\nid: \d/s
        : isUnanswered
          ? /^7 /
          : isWithoutGateway
            ? /^22 .*"(?:conflict|unavailable)"/s
            : usual;
    expect(`${String(status)} ${text} ${stderr}`).toMatch(expected);
  });
});

describe("redis-cli", () => {
  it.each(of("redis-cli "))("%s (%s)", async (command) => {
    const words = command.split(" ").slice(1);
    expect(await system.askRedis(...(words.length === 1 && words[0] === "TYPE" ? ["TYPE", "x"] : words))).not.toMatch(
      /^-/m,
    );
  });
});

describe("commands that are not run here", () => {
  it.each(of("docker compose "))("%s (%s) names existing services and files", (command) => {
    const { services } = z
      .object({ services: z.record(z.string(), z.unknown()) })
      .parse(parse(readFileSync(join(ROOT, "docker-compose.yml"), "utf8")));
    const named = [...command.matchAll(/(?:--entrypoint \w+|compose ps|--scale) (\w+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !(name in services))).toEqual([]);
    expectBuiltPrograms(command);
  });

  it.each(of("kubectl exec "))("%s (%s) names an existing deployment and program", (command) => {
    const [, name = ""] = /deploy\/(\w+)/.exec(command) ?? [];
    expect(existsSync(join(ROOT, "deploy", "kubernetes", `${name}.yml`))).toBe(true);
    expectBuiltPrograms(command);
  });

  it.each(of("node "))("%s (%s) names an existing program", (command) => {
    expect(existsSync(join(ROOT, command.split(" ")[1] ?? ""))).toBe(true);
  });

  it.runIf(which("openssl") !== "").each(of("openssl "))("%s (%s) makes a key", (command) => {
    expect(sh(command).stdout).toMatch(/^[0-9a-f]{64}\n$/);
  });
});

/** The command names a program in the api's container, whose working folder is the root. */
function expectBuiltPrograms(command: string): void {
  const sources = [...command.matchAll(/(?:\.\.\/(\w+)\/)?\bdist\/([\w/-]+)\.js/g)].map(
    ([, app = "api", name = ""]) => `apps/${app}/src/${name}.ts`,
  );
  expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
}

/** The commands of a page: the lines of `sh` blocks, and commands in the text. */
function commandsIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block = ""]) => block);
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n */g, "").split("\n"));
  const inline = [...text.replaceAll(/```.*?```/gs, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
  const programs = /^(?:curl|npm|npx|docker|kubectl|redis-cli|node|openssl|PATH=\S+) /;
  const commands = [...lines.map((line) => (line.split(" # ")[0] ?? "").trim()), ...inline].map((line) =>
    line.replace(/^PATH=.*" (?=npm )/, ""),
  );
  return [...new Set(commands.filter((line) => programs.test(line) && line !== "npm run"))];
}

/** Run a command line against the tests' system, with its tokens. */
function sh(command: string, env: Readonly<Record<string, string>> = {}) {
  const pasted = command
    .replace("https://your.host", `http://127.0.0.1:${system.ingestPort}`)
    .replace("http://127.0.0.1:8080", `http://127.0.0.1:${system.ingestPort}`)
    .replace("http://127.0.0.1:8081", system.apiOrigin)
    // A port without a listener.
    .replace("http://127.0.0.1:8085", "http://127.0.0.1:1")
    .replace("localhost:9103", system.prometheusTargets()["ticktally-api"]?.[0] ?? "")
    .replaceAll("…", ACCOUNT_TOKEN)
    .replace("/targets/NAME", "/targets/bot")
    .replace(/^npm /, `npm --prefix '${ROOT}' `);
  return spawnSync("sh", ["-c", pasted], {
    cwd: folder,
    encoding: "utf8",
    env: {
      PATH: `${folder}:${process.env["PATH"] ?? ""}`,
      HOME: process.env["HOME"],
      // Built files do not have to be compiled again.
      TURBO_CACHE_DIR: process.env["TURBO_CACHE_DIR"],
      API: system.apiOrigin,
      TOKEN: ACCOUNT_TOKEN,
      TICKTALLY_ACCOUNT_TOKEN: ACCOUNT_TOKEN,
      TICKTALLY_WEBHOOK_TOKEN: WEBHOOK_TOKEN,
      ...env,
    },
  });
}

function which(program: string): string {
  return spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}
