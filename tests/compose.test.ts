import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { GATEWAYS } from "../packages/gateways/src/index.ts";
import {
  apiEnvironment,
  gatewaySettings,
  forwarderEnvironment,
  ingestEnvironment,
  readEnvironment,
  workerEnvironment,
} from "../packages/schemas/src/environment/environment.ts";
import { SECRETS } from "../packages/schemas/src/environment/secrets.ts";
import { findRedisServer } from "../scripts/redis/embedded-redis.mjs";
import { askRedis } from "../scripts/redis/redis-wire.mjs";
import { runCommand } from "../scripts/process/run-command.mjs";
import { GATEWAY_SETTINGS, settingsOf } from "./support/gateway-settings.ts";
import { commandLines } from "./support/command-lines.ts";
import { compose, ROOT } from "./support/compose.ts";
import { killWithParent } from "./support/kill-with-parent.ts";
import { freePort } from "./support/free-port.ts";
import { hasPrometheus, tools } from "./support/prometheus-tools.ts";
import { until } from "./support/until.ts";

const SERVICES = Object.entries(compose.services).map(([name, service]) => ({ name, ...service }));
const APPS = [
  { name: "ingest", schema: ingestEnvironment, opsPort: 9101 },
  { name: "worker", schema: workerEnvironment, opsPort: 9102 },
  { name: "api", schema: apiEnvironment, opsPort: 9103 },
  { name: "forwarder", schema: forwarderEnvironment, opsPort: 9104 },
] as const;

/** OpenTelemetry's own variables, which docs/operations.md names and no schema has. */
const READ_BY_TRACING: readonly string[] = ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_RESOURCE_ATTRIBUTES"];
const SECRET = "x".repeat(24);

const ALL_SECRETS: readonly string[] = [...SECRETS, ...GATEWAY_SETTINGS];

/** The secrets that `.env` must hold. */
const NEEDED = ["TICKTALLY_ACCOUNT_TOKEN", "TICKTALLY_WEBHOOK_TOKEN", "REDIS_PASSWORD"] as const;
type Variables = Readonly<Record<string, string>>;
const IN_ENV: Variables = Object.fromEntries(NEEDED.map((name) => [name, SECRET]));
const IN_FILES: Variables = Object.fromEntries(
  [...ALL_SECRETS, "REDIS_PASSWORD", "GRAFANA_ADMIN_PASSWORD"].map((name) => [`${name}_FILE`, `./secrets/${name}`]),
);

/** Replace variables as docker compose does. @throws {Error} a required variable is missing */
function interpolated(value: string, variables: Variables = IN_ENV): string {
  const [innermost, name = "", operator, text = ""] = /(?<!\$)\$\{(\w+)(?::([-?+])([^${}]*))?\}/.exec(value) ?? [];
  if (innermost === undefined) {
    if (value.includes(MISSING)) throw new Error(value);
    return value;
  }
  const given = variables[name] ?? "";
  const filled = { "-": given || text, "?": given || MISSING + text, "+": given && text }[operator ?? ""] ?? given;
  return interpolated(value.replace(innermost, filled), variables);
}
/** Marks a missing required variable, which is an error only where its value is used. */
const MISSING = "\0missing: ";

function filledIn(environment: Variables, variables: Variables): Variables {
  return Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, interpolated(value, variables)]));
}

/** The command `docker compose` or `docker-compose`; `undefined` if neither is installed. */
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
  it.skipIf(composeCommand === undefined)("is valid for docker compose (skipped without it)", async () => {
    const { program = "", args = [] } = composeCommand ?? {};
    const options = { cwd: ROOT, env: { ...process.env, ...IN_ENV } };
    for (const given of [IN_ENV, IN_FILES]) {
      const filled = { ...options, env: { ...process.env, ...given } };
      const { exitCode, output } = await runCommand(program, [...args, "config", "--quiet"], filled);
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    }
    for (const missing of NEEDED) {
      const bare = { ...options, env: { ...process.env, ...IN_ENV, [missing]: "" } };
      const refused = await runCommand(program, [...args, "config", "--quiet"], bare);
      expect(refused.exitCode).not.toBe(0);
      expect(refused.output).toMatch(/set it to (the token|a password)/);
    }
  });

  it("publishes ingest and the api, and binds the web interfaces to this machine only", () => {
    const published = SERVICES.flatMap(({ ports }) => ports);
    expect(published).toEqual([
      "${INGEST_PORT:-8080}:8080",
      "${API_PORT:-8081}:8081",
      "127.0.0.1:${PROMETHEUS_PORT:-9090}:9090",
      "127.0.0.1:${ALERTMANAGER_PORT:-9093}:9093",
      "127.0.0.1:${GRAFANA_PORT:-3000}:3000",
    ]);
  });

  it.each(SERVICES)(
    "pins the image of $name, and mounts only existing files, read-only",
    ({ image, build, volumes }) => {
      if (build === undefined) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-\w+)?$/);
      else
        expect(readFileSync(join(ROOT, "Dockerfile"), "utf8")).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, "m"));
      for (const [source = "", , mode] of volumes.map((volume) => volume.split(":"))) {
        if (!source.startsWith("./")) expect(Object.keys(compose.volumes)).toContain(source);
        else
          expect({ source, exists: existsSync(join(ROOT, source)), mode }).toEqual({
            source,
            exists: true,
            mode: "ro",
          });
      }
    },
  );

  it.each(APPS)("passes every setting of $name from .env, and nothing that it does not read", ({ name, schema }) => {
    const environment: Readonly<Record<string, string>> = compose.services[name]?.environment ?? {};
    const handedOn = Object.entries(environment).filter(([key, value]) => value.startsWith(`\${${key}:`));
    const known = settingsOf(name, schema);
    const open = known.filter((key) => !/^(?:NODE_ENV|(?:OPS_)?HOST|\w+_PORT)$/.test(key));
    const files = ALL_SECRETS.filter((secret) => known.includes(secret)).map((secret) => `${secret}_FILE`);
    const others = [...READ_BY_TRACING, ...files];
    expect(handedOn.map(([key]) => key).sort()).toEqual([...open, ...others].sort());
    expect(Object.keys(environment).filter((key) => ![...known, ...others].includes(key))).toEqual([]);
  });

  it.each(NEEDED)("refuses to start without %s, and accepts a file instead", (name) => {
    const required = (variables: Variables) => compose["x-required"].map((value) => interpolated(value, variables));
    const without = { ...IN_ENV, [name]: "" };
    expect(() => required(without)).toThrow(/set it to (the token|a password)/);
    expect(required({ ...without, [`${name}_FILE`]: "./x" })).toContain("./x");
  });

  it.each(APPS)("gives $name its own secrets as files, and no others", ({ name, schema }) => {
    const { environment = {}, secrets = [] } = compose.services[name] ?? {};
    const known = settingsOf(name, schema);
    const own = ALL_SECRETS.filter((secret) => known.includes(secret));
    expect([...secrets].sort()).toEqual(own.map((secret) => secret.toLowerCase()).sort());
    // Each mounted file contains its own path.
    const mounted = (path: string) =>
      interpolated(compose.secrets[path.replace("/run/secrets/", "")]?.file ?? "", IN_FILES).padEnd(40, "x");
    const redisUrl = "redis://:secret@redis:6379";
    const forwardKey = "ab".repeat(32);
    const contents = new Map([
      ["/run/secrets/redis_url", redisUrl],
      ["/run/secrets/forward_key", forwardKey],
    ]);
    const read = (path: string) => contents.get(path) ?? mounted(path);
    const filled = filledIn(environment, IN_FILES);
    const settings: Record<string, unknown> = readEnvironment(schema, filled, read);
    const gatewaySetting = gatewaySettings(GATEWAYS, filled, read);
    const others: ReadonlyMap<string, unknown> = new Map<string, unknown>([
      ["REDIS_URL", redisUrl],
      ["FORWARD_KEY", [Buffer.from(forwardKey, "hex")]],
    ]);
    for (const secret of own)
      expect(settings[secret] ?? gatewaySetting(secret)).toEqual(
        others.get(secret) ?? `./secrets/${secret}`.padEnd(40, "x"),
      );
    for (const { file } of Object.values(compose.secrets)) expect(interpolated(file)).toBe("/dev/null");
  });

  it.each(APPS)("gives $name all required settings if .env has only the secrets", ({ name, schema }) => {
    const environment: Readonly<Record<string, string>> = compose.services[name]?.environment ?? {};
    const { REDIS_URL } = readEnvironment(schema, filledIn(environment, IN_ENV));
    expect(new URL(REDIS_URL).password).toBe(SECRET);
  });

  it("builds on Node 24", () => {
    const [, version] =
      /^FROM node:(\d+\.\d+)-\S+ AS base$/m.exec(readFileSync(join(ROOT, "Dockerfile"), "utf8")) ?? [];
    expect(Math.floor(Number(version))).toBe(24);
  });

  it("uses a Redis without the known vulnerabilities of older versions", () => {
    const [, ...version] = /^redis:(\d+)\.(\d+)\.(\d+)-/.exec(compose.services["redis"]?.image ?? "") ?? [];
    const [major = 0, minor = 0, patch = 0] = version.map(Number);
    expect(major * 10_000 + minor * 100 + patch).toBeGreaterThanOrEqual(7_04_06);
  });

  it.each([
    ["its environment", IN_ENV],
    ["a file", IN_FILES],
  ])("starts a Redis that requires the password in %s, which no command line shows", async (_, variables) => {
    const dir = await mkdtemp(join(tmpdir(), "ticktally-compose-redis-"));
    const port = await freePort();
    await writeFile(join(dir, "redis_password"), variables === IN_FILES ? `${SECRET}\n` : "");
    const { path, env } = await findRedisServer({ dataDir: join(ROOT, ".ticktally") });
    const written = compose.services["redis"]?.command ?? [];
    const [program = "", ...args] = written.map((argument) =>
      interpolated(argument, variables)
        .replaceAll("$$", "$")
        .replaceAll(/\/tmp\/|\/run\/secrets\//g, `${dir}/`)
        .replace("exec redis-server", `exec ${path}`),
    );
    const own = filledIn(compose.services["redis"]?.environment ?? {}, variables);
    const redis = spawn(program, [...args, "--port", String(port), "--dir", dir], {
      env: { PATH: process.env["PATH"], ...env, ...own },
      stdio: "ignore",
    });
    const release = killWithParent(redis.pid ?? 0);
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

  it.each(APPS)("checks the readiness of $name at the right port", ({ name, opsPort, schema }) => {
    expect(compose.services[name]?.healthcheck.test.join(" ")).toContain(`http://127.0.0.1:${opsPort}/readyz`);
    expect(Object.keys(schema.shape)).toContain(`${name.toUpperCase()}_OPS_PORT`);
  });

  it("runs two workers", () => {
    expect(compose.services["worker"]?.deploy?.replicas).toBe(2);
  });

  it("has Prometheus scrape existing services on their ops ports, and send alerts to an existing one", () => {
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
    const addresses = settings.alerting.alertmanagers.flatMap((found) =>
      found.static_configs.flatMap(({ targets }) => targets),
    );
    expect(addresses).toEqual(["alertmanager:9093"]);
    expect(Object.keys(compose.services)).toContain("alertmanager");
    expect(compose.services["grafana"]?.environment["PROMETHEUS_URL"]).toBe("http://prometheus:9090");
  });

  it.skipIf(!hasPrometheus).each([
    ["prometheus", tools.prometheus],
    ["alertmanager", tools.alertmanager],
  ])("starts %s with valid options (skipped without it)", async (name, program) => {
    const { output } = await runCommand(program, ["--help"]);
    const options = compose.services[name]?.command?.map((argument) => argument.split("=")[0]) ?? [];
    expect(options.length).toBeGreaterThan(2);
    for (const option of options) expect(output).toContain(option);
  });
});
