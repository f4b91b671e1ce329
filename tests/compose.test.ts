import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import {
  apiEnvironment,
  ingestEnvironment,
  readEnvironment,
  workerEnvironment,
} from "../packages/schemas/src/environment.ts";
import { findRedisServer } from "../scripts/embedded-redis.mjs";
import { askRedis } from "../scripts/redis-wire.mjs";
import { runCommand } from "../scripts/run-command.mjs";
import { settingsOf } from "./support/gateway-settings.ts";
import { commandLines } from "./support/command-lines.ts";
import { compose, ROOT } from "./support/compose.ts";
import { dieWithUs } from "./support/die-with-us.ts";
import { freePort } from "./support/free-port.ts";
import { hasPrometheus, tools } from "./support/prometheus-tools.ts";
import { until } from "./support/until.ts";

const SERVICES = Object.entries(compose.services).map(([name, service]) => ({ name, ...service }));
const APPS = [
  { name: "ingest", schema: ingestEnvironment, opsPort: 9101 },
  { name: "worker", schema: workerEnvironment, opsPort: 9102 },
  { name: "api", schema: apiEnvironment, opsPort: 9103 },
] as const;

/** Of OpenTelemetry's own variables those that docs/operations.md names and no schema has. */
const READ_BY_TRACING: readonly string[] = ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_RESOURCE_ATTRIBUTES"];
const SECRET = "x".repeat(24);

/** A value as docker compose would fill it in if `.env` held nothing but the secrets. */
function interpolated(value: string): string {
  const [innermost, instead] = /\$\{\w+:[-?]([^${}]*)\}/.exec(value) ?? [];
  if (innermost === undefined) return value;
  return interpolated(value.replace(innermost, innermost.includes(":?") ? SECRET : (instead ?? "")));
}

/** The command line of docker's compose, or the older one; `undefined` where neither is. */
const composeCommand = await (async () => {
  const candidates = [["docker", "compose"], ["docker-compose"]] as const;
  for (const [program, ...args] of candidates) {
    const { exitCode } = await runCommand(program, [...args, "version"]);
    if (exitCode === 0) return { program, args };
  }
  process.stderr.write("\n*** NOT TESTED: `docker compose config`, there is no docker compose here ***\n\n");
  return undefined;
})();

describe("docker-compose.yml", () => {
  it.skipIf(composeCommand === undefined)("is taken by docker compose (skipped without it)", async () => {
    const { program = "", args = [] } = composeCommand ?? {};
    const names = ["TICKTALLY_ACCOUNT_TOKEN", "TICKTALLY_WEBHOOK_TOKEN", "REDIS_PASSWORD"] as const;
    const tokens = Object.fromEntries(names.map((name) => [name, name.slice(-1).repeat(24)]));
    const options = { cwd: ROOT, env: { ...process.env, ...tokens } };
    const { exitCode, output } = await runCommand(program, [...args, "config", "--quiet"], options);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    for (const missing of names) {
      const bare = { ...options, env: { ...process.env, ...tokens, [missing]: "" } };
      const refused = await runCommand(program, [...args, "config", "--quiet"], bare);
      expect(refused.exitCode).not.toBe(0);
      expect(refused.output).toMatch(/set it to (the token|a password)/);
    }
  });

  it("publishes the two doors, and what people look at on this machine alone", () => {
    const published = SERVICES.flatMap(({ ports }) => ports);
    expect(published).toEqual([
      "${INGEST_PORT:-8080}:8080",
      "${API_PORT:-8081}:8081",
      "127.0.0.1:${PROMETHEUS_PORT:-9090}:9090",
      "127.0.0.1:${ALERTMANAGER_PORT:-9093}:9093",
      "127.0.0.1:${GRAFANA_PORT:-3000}:3000",
    ]);
  });

  it.each(SERVICES)("pins $name, and mounts only what is there, read-only", ({ image, build, volumes }) => {
    if (build === undefined) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-\w+)?$/);
    else
      expect(readFileSync(join(ROOT, "Dockerfile"), "utf8")).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, "m"));
    for (const [source = "", , mode] of volumes.map((volume) => volume.split(":"))) {
      if (!source.startsWith("./")) expect(Object.keys(compose.volumes)).toContain(source);
      else
        expect({ source, exists: existsSync(join(ROOT, source)), mode }).toEqual({ source, exists: true, mode: "ro" });
    }
  });

  it.each(APPS)("hands every setting of $name on from .env, and nothing that it does not read", ({ name, schema }) => {
    const environment: Readonly<Record<string, string>> = compose.services[name]?.environment ?? {};
    const handedOn = Object.entries(environment).filter(([key, value]) => value.startsWith(`\${${key}:`));
    const known = settingsOf(name, schema);
    const open = known.filter((key) => !/^(?:NODE_ENV|(?:OPS_)?HOST|\w+_PORT)$/.test(key));
    expect(handedOn.map(([key]) => key).sort()).toEqual([...open, ...READ_BY_TRACING].sort());
    const handed = Object.keys(environment).filter((key) => !READ_BY_TRACING.includes(key));
    expect(handed.filter((key) => !known.includes(key))).toEqual([]);
  });

  it.each(APPS)("gives $name all that it needs where .env holds the secrets alone", ({ name, schema }) => {
    const environment: Readonly<Record<string, string>> = compose.services[name]?.environment ?? {};
    const filledIn = Object.entries(environment).map(([key, value]) => [key, interpolated(value)] as const);
    const { REDIS_URL } = readEnvironment(schema, Object.fromEntries(filledIn));
    expect(new URL(REDIS_URL).password).toBe(SECRET);
  });

  it("builds on Node 24", () => {
    const [, version] =
      /^FROM node:(\d+\.\d+)-\S+ AS base$/m.exec(readFileSync(join(ROOT, "Dockerfile"), "utf8")) ?? [];
    expect(Math.floor(Number(version))).toBe(24);
  });

  it("has a Redis without the holes that are known of older ones", () => {
    const [, ...version] = /^redis:(\d+)\.(\d+)\.(\d+)-/.exec(compose.services["redis"]?.image ?? "") ?? [];
    const [major = 0, minor = 0, patch = 0] = version.map(Number);
    expect(major * 10_000 + minor * 100 + patch).toBeGreaterThanOrEqual(7_04_06);
  });

  it("starts a Redis that asks for the password, which no command line shows", async () => {
    const dir = await mkdtemp(join(tmpdir(), "ticktally-compose-redis-"));
    const port = await freePort();
    const { path, env } = await findRedisServer({ dataDir: join(ROOT, ".ticktally") });
    const written = compose.services["redis"]?.command ?? [];
    const [program = "", ...args] = written.map((argument) =>
      interpolated(argument)
        .replaceAll("$$", "$")
        .replaceAll("/tmp/", `${dir}/`)
        .replace("exec redis-server", `exec ${path}`),
    );
    const own = { REDISCLI_AUTH: interpolated(compose.services["redis"]?.environment["REDISCLI_AUTH"] ?? "") };
    const redis = spawn(program, [...args, "--port", String(port), "--dir", dir], {
      env: { PATH: process.env["PATH"], ...env, ...own },
      stdio: "ignore",
    });
    const release = dieWithUs(redis.pid ?? 0);
    const ended = once(redis, "exit");
    try {
      const ask = async (password: string) => askRedis({ port, password }, [["PING"]]).catch(() => "");
      await until("it answers", async () => (await ask(SECRET)).includes("+PONG"));
      expect(await ask("wrong")).not.toContain("+PONG");
      expect(commandLines().filter((line) => line.includes(SECRET))).toEqual([]);
    } finally {
      redis.kill("SIGTERM");
      await ended;
      release();
      await rm(dir, { recursive: true, force: true });
    }
  });

  it.each(APPS)("asks $name whether it is ready where it answers", ({ name, opsPort, schema }) => {
    expect(compose.services[name]?.healthcheck.test.join(" ")).toContain(`http://127.0.0.1:${opsPort}/readyz`);
    expect(Object.keys(schema.shape)).toContain(`${name.toUpperCase()}_OPS_PORT`);
  });

  it("runs two workers", () => {
    expect(compose.services["worker"]?.deploy?.replicas).toBe(2);
  });

  it("has Prometheus scrape and tell services that exist, on their ops ports", () => {
    const settings = z
      .object({
        alerting: z.object({
          alertmanagers: z.array(z.object({ static_configs: z.array(z.object({ targets: z.array(z.string()) })) })),
        }),
        scrape_configs: z.array(
          z.object({
            job_name: z.string(),
            dns_sd_configs: z.array(z.object({ names: z.array(z.string()), type: z.literal("A"), port: z.number() })),
          }),
        ),
      })
      .parse(parse(readFileSync(join(ROOT, "deploy", "prometheus", "prometheus.yml"), "utf8")));
    const scraped = settings.scrape_configs.flatMap(({ job_name: job, dns_sd_configs: found }) =>
      found.map(({ names, port }) => ({ job, names, port })),
    );
    expect(scraped).toEqual(
      APPS.map(({ name, opsPort }) => ({ job: `ticktally-${name}`, names: [name], port: opsPort })),
    );
    const told = settings.alerting.alertmanagers.flatMap((found) =>
      found.static_configs.flatMap(({ targets }) => targets),
    );
    expect(told).toEqual(["alertmanager:9093"]);
    expect(Object.keys(compose.services)).toContain("alertmanager");
    expect(compose.services["grafana"]?.environment["PROMETHEUS_URL"]).toBe("http://prometheus:9090");
  });

  it.skipIf(!hasPrometheus).each([
    ["prometheus", tools.prometheus],
    ["alertmanager", tools.alertmanager],
  ])("starts %s with options that it knows (skipped without it)", async (name, program) => {
    const { output } = await runCommand(program, ["--help"]);
    const options = compose.services[name]?.command?.map((argument) => argument.split("=")[0]) ?? [];
    expect(options.length).toBeGreaterThan(2);
    for (const option of options) expect(output).toContain(option);
  });
});
